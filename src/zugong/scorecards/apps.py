from django.apps import AppConfig


class ScorecardsConfig(AppConfig):
    name = "zugong.scorecards"
    label = "scorecards"
