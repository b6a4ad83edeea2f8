from django.apps import AppConfig


class JournalConfig(AppConfig):
    name = "zugong.core.journal"
    label = "journal"
