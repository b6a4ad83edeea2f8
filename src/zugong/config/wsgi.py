"""The site as a WSGI application."""

import os

import django

from zugong.core.serving import Handler

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "zugong.config.settings")
django.setup(set_prefix=False)

application = Handler()
