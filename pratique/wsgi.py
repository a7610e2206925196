"""The WSGI door that Granian serves (docs/adr/0003: measured twice as fast as ASGI here)."""

import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pratique.settings")
application = get_wsgi_application()
# What was loaded stays for good: the collector need not walk it again with every few requests.
gc.collect()
gc.freeze()
