from django.apps import AppConfig


class ActivitiesConfig(AppConfig):
    name = "zugong.activities"
    label = "activities"
