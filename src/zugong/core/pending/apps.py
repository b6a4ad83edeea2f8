from django.apps import AppConfig


class PendingConfig(AppConfig):
    name = "zugong.core.pending"
    label = "pending"
