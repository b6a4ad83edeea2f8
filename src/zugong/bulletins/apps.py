from django.apps import AppConfig


class BulletinsConfig(AppConfig):
    name = "zugong.bulletins"
    label = "bulletins"
