"""Entry script of the dashboard. Run it with `qa dashboard`."""

from dashboards import navigation

navigation.run()
