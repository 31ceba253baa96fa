# What makes initrds bring patches along, for three programs that make them.  Included by the
# top Makefile.am; where things go is settled in configure.ac.

initrd_scripts = \
	integration/initramfs-tools/conf-hook \
	integration/initramfs-tools/hook \
	integration/dracut/module-setup.sh \
	integration/dracut/load-vmlinux.sh \
	integration/mkinitcpio/hook \
	integration/mkinitcpio/install

EXTRA_DIST += $(initrd_scripts:=.in)
CLEANFILES += $(initrd_scripts)
noinst_SCRIPTS = $(initrd_scripts)

$(initrd_scripts): %: %.in Makefile
	@$(MKDIR_P) $(@D)
	$(AM_V_GEN)sed -e 's|[@]bindir@|$(bindir)|g' -e 's|[@]libexecdir@|$(libexecdir)|g' \
		-e 's|[@]modulesdir@|$(modulesdir)|g' -e 's|[@]rulesdir@|$(rulesdir)|g' \
		-e 's|[@]configdir@|$(configdir)|g' -e 's|[@]rundir@|$(rundir)|g' \
		-e 's|[@]statedir@|$(statedir)|g' \
		$(srcdir)/$@.in >$@.tmp && \
		chmod +x $@.tmp && mv $@.tmp $@

# Each file is called klpdep in its directory, hence no lists of automake's.
install-data-local: install-initrd
install-initrd: $(initrd_scripts)
if INITRAMFS_TOOLS
	$(MKDIR_P) "$(DESTDIR)$(initramfstoolsdir)/hooks" \
		"$(DESTDIR)$(initramfstoolsdir)/conf-hooks.d"
	$(INSTALL_DATA) integration/initramfs-tools/conf-hook \
		"$(DESTDIR)$(initramfstoolsdir)/conf-hooks.d/klpdep"
	$(INSTALL_SCRIPT) integration/initramfs-tools/hook \
		"$(DESTDIR)$(initramfstoolsdir)/hooks/klpdep"
endif
if DRACUT
	$(MKDIR_P) "$(DESTDIR)$(dracutmodulesdir)/99klpdep"
	$(INSTALL_SCRIPT) integration/dracut/module-setup.sh \
		integration/dracut/load-vmlinux.sh "$(DESTDIR)$(dracutmodulesdir)/99klpdep"
endif
if MKINITCPIO
	$(MKDIR_P) "$(DESTDIR)$(mkinitcpiodir)/hooks" "$(DESTDIR)$(mkinitcpiodir)/install"
	$(INSTALL_DATA) integration/mkinitcpio/hook "$(DESTDIR)$(mkinitcpiodir)/hooks/klpdep"
	$(INSTALL_DATA) integration/mkinitcpio/install \
		"$(DESTDIR)$(mkinitcpiodir)/install/klpdep"
endif

uninstall-local: uninstall-initrd
uninstall-initrd:
if INITRAMFS_TOOLS
	rm -f "$(DESTDIR)$(initramfstoolsdir)/conf-hooks.d/klpdep" \
		"$(DESTDIR)$(initramfstoolsdir)/hooks/klpdep"
endif
if DRACUT
	rm -rf "$(DESTDIR)$(dracutmodulesdir)/99klpdep"
endif
if MKINITCPIO
	rm -f "$(DESTDIR)$(mkinitcpiodir)/hooks/klpdep" \
		"$(DESTDIR)$(mkinitcpiodir)/install/klpdep"
endif
.PHONY: install-initrd uninstall-initrd
