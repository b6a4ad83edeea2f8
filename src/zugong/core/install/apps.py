from django.apps import AppConfig


class InstallConfig(AppConfig):
    name = "zugong.core.install"
    label = "install"
    verbose_name = "安装"
