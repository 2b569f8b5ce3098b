from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='Nightly',
            fields=[
                ('job', models.CharField(max_length=40, primary_key=True, serialize=False)),
                ('night', models.DateField()),
            ],
            options={
                'ordering': ('job',),
            },
        ),
    ]
