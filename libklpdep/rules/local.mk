libklpdep_libklpdep_internal_la_SOURCES += \
	libklpdep/rules/rules-check.c \
	libklpdep/rules/rules-digest.c \
	libklpdep/rules/rules-digest.h \
	libklpdep/rules/rules-needs.c \
	libklpdep/rules/rules-needs.h \
	libklpdep/rules/rules.c \
	libklpdep/rules/rules.h
