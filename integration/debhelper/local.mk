# A command and a sequence of debhelper's for packages with livepatches: debian/rules installs them.
EXTRA_DIST += \
	integration/debhelper/dh_klpdep \
	integration/debhelper/klpdep.pm
