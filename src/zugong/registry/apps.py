from django.apps import AppConfig


class RegistryConfig(AppConfig):
    name = "zugong.registry"
    label = "registry"
