from django.apps import AppConfig


class PacingConfig(AppConfig):
    name = "zugong.core.pacing"
    label = "pacing"
