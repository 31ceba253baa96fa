# klpdep on a fleet: Prometheus and Ansible.  Included by the top Makefile.am.

EXTRA_DIST += \
	testsuite/fleet/alerts-test.yml \
	testsuite/fleet/ask \
	testsuite/fleet/fakeroot.py \
	testsuite/fleet/packages \
	testsuite/fleet/run
