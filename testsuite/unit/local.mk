# mkmodule: modules for the tests out of a description.
mkmodule_sources = \
	testsuite/buf.c testsuite/buf.h \
	testsuite/mkmodule.c testsuite/mkmodule.h testsuite/mkmodule-internal.h \
	testsuite/mkmodule-arch.c testsuite/mkmodule-contents.c \
	testsuite/mkmodule-elf.c testsuite/mkmodule-klp.c \
	testsuite/mkmodule-klp-build.c testsuite/mkmodule-kpatch.c
noinst_PROGRAMS += testsuite/mkmodule
testsuite_mkmodule_SOURCES = $(mkmodule_sources) testsuite/mkmodule-main.c

# The unit tests: one Check program for each file of the library, or close group of them.
dist_check_SCRIPTS += testsuite/unit/abi testsuite/unit/header testsuite/unit/symbols \
	testsuite/unit/no-check
TESTS += testsuite/unit/abi testsuite/unit/header testsuite/unit/symbols

if HAVE_CHECK
unit_tests = \
	testsuite/unit/unit-util \
	testsuite/unit/unit-context \
	testsuite/unit/unit-contracts \
	testsuite/unit/unit-file \
	testsuite/unit/unit-search \
	testsuite/unit/unit-elf \
	testsuite/unit/unit-format \
	testsuite/unit/unit-kpatch \
	testsuite/unit/unit-klp-build \
	testsuite/unit/unit-random \
	testsuite/unit/unit-refusal \
	testsuite/unit/unit-replace \
	testsuite/unit/unit-stores \
	testsuite/unit/unit-modinfo \
	testsuite/unit/unit-moddep \
	testsuite/unit/unit-conf-files \
	testsuite/unit/unit-index \
	testsuite/unit/unit-view \
	testsuite/unit/unit-plan \
	testsuite/unit/unit-rules \
	testsuite/unit/unit-blocks \
	testsuite/unit/unit-scan \
	testsuite/unit/unit-hostile \
	testsuite/unit/unit-live \
	testsuite/unit/unit-late \
	testsuite/unit/unit-threads \
	testsuite/unit/unit-caller \
	testsuite/unit/unit-wait \
	testsuite/unit/unit-transition \
	testsuite/unit/unit-status \
	testsuite/unit/unit-loader \
	testsuite/unit/unit-retire \
	testsuite/unit/unit-sync \
	testsuite/unit/unit-kmod \
	testsuite/unit/unit-log \
	testsuite/unit/unit-verify \
	testsuite/unit/unit-object-file \
	testsuite/unit/unit-fit \
	testsuite/unit/unit-fit-cache \
	testsuite/unit/unit-target \
	testsuite/unit/unit-growth
check_PROGRAMS += $(unit_tests)
TESTS += $(unit_tests)
check_LTLIBRARIES += testsuite/unit/libfixture.la
else
TESTS += testsuite/unit/no-check
endif

unit_cflags = $(AM_CFLAGS) $(CHECK_CFLAGS)
testsuite_unit_libfixture_la_SOURCES = \
	testsuite/unit/fixture.c testsuite/unit/fixture.h \
	testsuite/unit/images.c testsuite/unit/images.h \
	$(mkmodule_sources)
testsuite_unit_libfixture_la_CFLAGS = $(unit_cflags)
testsuite_unit_libfixture_la_LIBADD = libklpdep/libklpdep-internal.la $(CHECK_LIBS)

testsuite_unit_unit_util_SOURCES = testsuite/unit/unit-util.c
testsuite_unit_unit_util_CFLAGS = $(unit_cflags)
testsuite_unit_unit_util_LDADD = testsuite/unit/libfixture.la
testsuite_unit_unit_context_SOURCES = testsuite/unit/unit-context.c
testsuite_unit_unit_context_CFLAGS = $(unit_cflags)
testsuite_unit_unit_context_LDADD = testsuite/unit/libfixture.la
testsuite_unit_unit_contracts_SOURCES = testsuite/unit/unit-contracts.c
testsuite_unit_unit_contracts_CFLAGS = $(unit_cflags)
testsuite_unit_unit_contracts_LDADD = testsuite/faults/liballoc.la testsuite/unit/libfixture.la -ldl
testsuite_unit_unit_file_SOURCES = testsuite/unit/unit-file.c
testsuite_unit_unit_file_CFLAGS = $(unit_cflags)
testsuite_unit_unit_file_LDADD = testsuite/unit/libfixture.la $(ZLIB_LIBS) $(XZ_LIBS) $(ZSTD_LIBS)
testsuite_unit_unit_search_SOURCES = testsuite/unit/unit-search.c
testsuite_unit_unit_search_CFLAGS = $(unit_cflags)
testsuite_unit_unit_search_LDADD = testsuite/unit/libfixture.la
testsuite_unit_unit_elf_SOURCES = testsuite/unit/unit-elf.c
testsuite_unit_unit_elf_CFLAGS = $(unit_cflags)
testsuite_unit_unit_elf_LDADD = testsuite/unit/libfixture.la
testsuite_unit_unit_format_SOURCES = testsuite/unit/unit-format.c
testsuite_unit_unit_format_CFLAGS = $(unit_cflags)
testsuite_unit_unit_format_LDADD = testsuite/unit/libfixture.la
testsuite_unit_unit_kpatch_SOURCES = testsuite/unit/unit-kpatch.c
testsuite_unit_unit_kpatch_CFLAGS = $(unit_cflags)
testsuite_unit_unit_kpatch_LDADD = testsuite/unit/libfixture.la
testsuite_unit_unit_klp_build_SOURCES = testsuite/unit/unit-klp-build.c
testsuite_unit_unit_klp_build_CFLAGS = $(unit_cflags)
testsuite_unit_unit_klp_build_LDADD = testsuite/unit/libfixture.la
testsuite_unit_unit_random_SOURCES = testsuite/unit/unit-random.c
testsuite_unit_unit_random_CFLAGS = $(unit_cflags)
testsuite_unit_unit_random_LDADD = testsuite/unit/libfixture.la
testsuite_unit_unit_refusal_SOURCES = testsuite/unit/unit-refusal.c
testsuite_unit_unit_refusal_CFLAGS = $(unit_cflags)
testsuite_unit_unit_refusal_LDADD = testsuite/unit/libfixture.la
testsuite_unit_unit_replace_SOURCES = testsuite/unit/unit-replace.c
testsuite_unit_unit_replace_CFLAGS = $(unit_cflags)
testsuite_unit_unit_replace_LDADD = testsuite/unit/libfixture.la
testsuite_unit_unit_stores_SOURCES = testsuite/unit/unit-stores.c
testsuite_unit_unit_stores_CFLAGS = $(unit_cflags)
testsuite_unit_unit_stores_LDADD = testsuite/unit/libfixture.la
testsuite_unit_unit_modinfo_SOURCES = testsuite/unit/unit-modinfo.c
testsuite_unit_unit_modinfo_CFLAGS = $(unit_cflags)
testsuite_unit_unit_modinfo_LDADD = testsuite/unit/libfixture.la
testsuite_unit_unit_moddep_SOURCES = testsuite/unit/unit-moddep.c
testsuite_unit_unit_moddep_CFLAGS = $(unit_cflags)
testsuite_unit_unit_moddep_LDADD = testsuite/unit/libfixture.la
testsuite_unit_unit_conf_files_SOURCES = testsuite/unit/unit-conf-files.c
testsuite_unit_unit_conf_files_CFLAGS = $(unit_cflags)
testsuite_unit_unit_conf_files_LDADD = testsuite/unit/libfixture.la
testsuite_unit_unit_index_SOURCES = testsuite/unit/unit-index.c
testsuite_unit_unit_index_CFLAGS = $(unit_cflags)
testsuite_unit_unit_index_LDADD = testsuite/unit/libfixture.la
testsuite_unit_unit_view_SOURCES = testsuite/unit/unit-view.c
testsuite_unit_unit_view_CFLAGS = $(unit_cflags)
testsuite_unit_unit_view_LDADD = testsuite/unit/libfixture.la
testsuite_unit_unit_growth_SOURCES = testsuite/unit/unit-growth.c
testsuite_unit_unit_growth_CFLAGS = $(unit_cflags)
testsuite_unit_unit_growth_LDADD = testsuite/unit/libfixture.la
testsuite_unit_unit_plan_SOURCES = testsuite/unit/unit-plan.c
testsuite_unit_unit_plan_CFLAGS = $(unit_cflags)
testsuite_unit_unit_plan_LDADD = testsuite/unit/libfixture.la
testsuite_unit_unit_rules_SOURCES = testsuite/unit/unit-rules.c
testsuite_unit_unit_rules_CFLAGS = $(unit_cflags)
testsuite_unit_unit_rules_LDADD = testsuite/unit/libfixture.la
testsuite_unit_unit_blocks_SOURCES = testsuite/unit/unit-blocks.c
testsuite_unit_unit_blocks_CFLAGS = $(unit_cflags)
testsuite_unit_unit_blocks_LDADD = testsuite/unit/libfixture.la
testsuite_unit_unit_scan_SOURCES = testsuite/unit/unit-scan.c
testsuite_unit_unit_scan_CFLAGS = $(unit_cflags)
testsuite_unit_unit_scan_LDADD = testsuite/unit/libfixture.la $(ZLIB_LIBS)
testsuite_unit_unit_hostile_SOURCES = testsuite/unit/unit-hostile.c
testsuite_unit_unit_hostile_CFLAGS = $(unit_cflags)
testsuite_unit_unit_hostile_LDADD = testsuite/unit/libfixture.la
testsuite_unit_unit_threads_SOURCES = testsuite/unit/unit-threads.c
testsuite_unit_unit_threads_CFLAGS = $(unit_cflags)
testsuite_unit_unit_threads_LDADD = testsuite/unit/libfixture.la
testsuite_unit_unit_wait_SOURCES = testsuite/unit/unit-wait.c
testsuite_unit_unit_wait_CFLAGS = $(unit_cflags)
testsuite_unit_unit_wait_LDADD = testsuite/unit/libfixture.la
testsuite_unit_unit_caller_SOURCES = testsuite/unit/unit-caller.c
testsuite_unit_unit_caller_CFLAGS = $(unit_cflags)
testsuite_unit_unit_caller_LDADD = testsuite/unit/libfixture.la
testsuite_unit_unit_late_SOURCES = testsuite/unit/unit-late.c
testsuite_unit_unit_late_CFLAGS = $(unit_cflags)
testsuite_unit_unit_late_LDADD = testsuite/unit/libfixture.la
testsuite_unit_unit_live_SOURCES = testsuite/unit/unit-live.c
testsuite_unit_unit_live_CFLAGS = $(unit_cflags)
testsuite_unit_unit_live_LDADD = testsuite/unit/libfixture.la
testsuite_unit_unit_transition_SOURCES = testsuite/unit/unit-transition.c
testsuite_unit_unit_transition_CFLAGS = $(unit_cflags)
testsuite_unit_unit_transition_LDADD = testsuite/unit/libfixture.la
testsuite_unit_unit_status_SOURCES = testsuite/unit/unit-status.c
testsuite_unit_unit_status_CFLAGS = $(unit_cflags)
testsuite_unit_unit_status_LDADD = testsuite/unit/libfixture.la
testsuite_unit_unit_loader_SOURCES = testsuite/unit/unit-loader.c testsuite/unit/play.h
testsuite_unit_unit_loader_CFLAGS = $(unit_cflags)
testsuite_unit_unit_loader_LDADD = testsuite/unit/libfixture.la
testsuite_unit_unit_retire_SOURCES = testsuite/unit/unit-retire.c testsuite/unit/play.h
testsuite_unit_unit_retire_CFLAGS = $(unit_cflags)
testsuite_unit_unit_retire_LDADD = testsuite/unit/libfixture.la
testsuite_unit_unit_sync_SOURCES = testsuite/unit/unit-sync.c testsuite/unit/play.h
testsuite_unit_unit_sync_CFLAGS = $(unit_cflags)
testsuite_unit_unit_sync_LDADD = testsuite/unit/libfixture.la
testsuite_unit_unit_fit_cache_SOURCES = testsuite/unit/unit-fit-cache.c
testsuite_unit_unit_fit_cache_CFLAGS = $(unit_cflags)
testsuite_unit_unit_fit_cache_LDADD = testsuite/unit/libfixture.la
testsuite_unit_unit_target_SOURCES = testsuite/unit/unit-target.c
testsuite_unit_unit_target_CFLAGS = $(unit_cflags)
testsuite_unit_unit_target_LDADD = testsuite/unit/libfixture.la
testsuite_unit_unit_kmod_SOURCES = testsuite/unit/unit-kmod.c
testsuite_unit_unit_kmod_CFLAGS = $(unit_cflags)
testsuite_unit_unit_kmod_LDADD = testsuite/unit/libfixture.la
testsuite_unit_unit_verify_SOURCES = testsuite/unit/unit-verify.c
testsuite_unit_unit_verify_CFLAGS = $(unit_cflags)
testsuite_unit_unit_verify_LDADD = testsuite/unit/libfixture.la
testsuite_unit_unit_object_file_SOURCES = testsuite/unit/unit-object-file.c
testsuite_unit_unit_object_file_CFLAGS = $(unit_cflags)
testsuite_unit_unit_object_file_LDADD = testsuite/unit/libfixture.la
testsuite_unit_unit_fit_SOURCES = testsuite/unit/unit-fit.c
testsuite_unit_unit_fit_CFLAGS = $(unit_cflags)
testsuite_unit_unit_fit_LDADD = testsuite/unit/libfixture.la
testsuite_unit_unit_log_SOURCES = testsuite/unit/unit-log.c
testsuite_unit_unit_log_CFLAGS = $(unit_cflags)
testsuite_unit_unit_log_LDADD = testsuite/unit/libfixture.la
