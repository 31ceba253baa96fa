# Analysers, by scripts/analyse: not part of "make check".
EXTRA_DIST += \
	.clang-tidy \
	scripts/analyse \
	testsuite/analyse/gcc.known \
	testsuite/analyse/packages
