from django.apps import AppConfig


class OutboxConfig(AppConfig):
    name = "zugong.core.outbox"
    label = "outbox"
