"""What was true on a day, and what we knew of it."""

import pytest
from django.db import IntegrityError

from zugong.registry.models import Subject

pytestmark = pytest.mark.django_db


def test_a_noun_outside_the_list_is_refused_by_the_database():
    with pytest.raises(IntegrityError):
        Subject.objects.create(noun="cat")
