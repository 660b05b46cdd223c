"""Every user gets a token of their own: a default alone would give all rows one value."""

from django.db import migrations, models

from ..models import generate_session_token


def fill(apps, schema_editor):
    User = apps.get_model("django_app", "User")
    for user in User.objects.filter(session_token=None).only("pk").iterator():
        User.objects.filter(pk=user.pk).update(session_token=generate_session_token())


class Migration(migrations.Migration):
    dependencies = [("django_app", "0001_initial")]

    operations = [
        migrations.AddField("user", "session_token", models.CharField(max_length=64, null=True)),
        migrations.RunPython(fill, migrations.RunPython.noop),
        migrations.AlterField(
            "user",
            "session_token",
            models.CharField(default=generate_session_token, editable=False, max_length=64),
        ),
    ]
