libklpdep_libklpdep_internal_la_SOURCES += \
	libklpdep/plan/plan.c \
	libklpdep/plan/plan.h \
	libklpdep/plan/planner-blocked.c \
	libklpdep/plan/planner-roots.c \
	libklpdep/plan/planner.c \
	libklpdep/plan/planner.h
