from django.apps import AppConfig


class CasesConfig(AppConfig):
    name = "zugong.cases"
    label = "cases"
