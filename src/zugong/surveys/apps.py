from django.apps import AppConfig


class SurveysConfig(AppConfig):
    name = "zugong.surveys"
    label = "surveys"
