from django.apps import AppConfig


class DutiesConfig(AppConfig):
    name = "zugong.duties"
    label = "duties"
