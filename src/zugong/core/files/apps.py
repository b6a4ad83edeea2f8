from django.apps import AppConfig


class FilesConfig(AppConfig):
    name = "zugong.core.files"
    label = "files"
