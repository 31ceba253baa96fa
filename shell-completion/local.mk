# Completion for shells.  Included by the top Makefile.am; where it goes is settled in
# configure.ac.
completions = \
	shell-completion/_klpdep \
	shell-completion/klpdep.bash \
	shell-completion/klpdep.fish

EXTRA_DIST += $(completions:=.in)
CLEANFILES += $(completions)
noinst_DATA = $(completions)

$(completions): %: %.in Makefile
	@$(MKDIR_P) $(@D)
	$(AM_V_GEN)sed -e 's|[@]modulesdir@|$(modulesdir)|g' $(srcdir)/$@.in >$@.tmp && \
		mv $@.tmp $@

# bash wants the command's name.
install-data-local: install-completions
install-completions: $(completions)
if BASH_COMPLETION
	$(MKDIR_P) "$(DESTDIR)$(bashcompletiondir)"
	$(INSTALL_DATA) shell-completion/klpdep.bash "$(DESTDIR)$(bashcompletiondir)/klpdep"
endif
if ZSH_COMPLETION
	$(MKDIR_P) "$(DESTDIR)$(zshcompletiondir)"
	$(INSTALL_DATA) shell-completion/_klpdep "$(DESTDIR)$(zshcompletiondir)"
endif
if FISH_COMPLETION
	$(MKDIR_P) "$(DESTDIR)$(fishcompletiondir)"
	$(INSTALL_DATA) shell-completion/klpdep.fish "$(DESTDIR)$(fishcompletiondir)"
endif

uninstall-local: uninstall-completions
uninstall-completions:
if BASH_COMPLETION
	rm -f "$(DESTDIR)$(bashcompletiondir)/klpdep"
endif
if ZSH_COMPLETION
	rm -f "$(DESTDIR)$(zshcompletiondir)/_klpdep"
endif
if FISH_COMPLETION
	rm -f "$(DESTDIR)$(fishcompletiondir)/klpdep.fish"
endif
.PHONY: install-completions uninstall-completions

TESTS += testsuite/completion/run
EXTRA_DIST += \
	testsuite/completion/complete.bash \
	testsuite/completion/complete.zsh \
	testsuite/completion/packages \
	testsuite/completion/run
