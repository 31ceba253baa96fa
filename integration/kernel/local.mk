# What is run when kernels and modules come and go.  The hooks of /etc/kernel are Debian's:
# debian/rules installs them, under the names that their order asks for.
kernelinstalldir = $(prefix)/lib/kernel/install.d
dist_kernelinstall_SCRIPTS = integration/kernel/50-depmod_klpdep.install
dist_sbin_SCRIPTS = integration/kernel/klpdep-refresh
EXTRA_DIST += \
	integration/kernel/postinst.d \
	integration/kernel/postrm.d
