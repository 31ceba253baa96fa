/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Sections of an ELF image, checked before they are handed out. */
#include "config.h"

#include <inttypes.h>

#include "libklpdep/image/elf.h"

/* A header's field, in a file of either class. */
#define FIELD(elf, p, type, field)                                                       \
	((elf)->is_32_bit ? field_at((elf), (p) + offsetof(Elf32_##type, field),         \
				     sizeof(((Elf32_##type *)0)->field)) :               \
			    field_at((elf), (p) + offsetof(Elf64_##type, field),         \
				     sizeof(((Elf64_##type *)0)->field)))

static inline uint64_t field_at(const struct klp_elf *elf, const unsigned char *p,
				size_t size)
{
	return size == 2 ? klp_elf_u16(elf, p) :
	       size == 4 ? klp_elf_u32(elf, p) : klp_elf_u64(elf, p);
}

static size_t section_header_size(const struct klp_elf *elf)
{
	return elf->is_32_bit ? sizeof(Elf32_Shdr) : sizeof(Elf64_Shdr);
}

static int read_section_header(struct klp_elf *elf, const unsigned char *p,
			       struct klp_section *section, uint32_t *name)
{
	*name = (uint32_t)FIELD(elf, p, Shdr, sh_name);
	section->type = (uint32_t)FIELD(elf, p, Shdr, sh_type);
	section->flags = FIELD(elf, p, Shdr, sh_flags);
	section->address = FIELD(elf, p, Shdr, sh_addr);
	section->offset = FIELD(elf, p, Shdr, sh_offset);
	section->size = FIELD(elf, p, Shdr, sh_size);
	section->link = (uint32_t)FIELD(elf, p, Shdr, sh_link);
	section->info = (uint32_t)FIELD(elf, p, Shdr, sh_info);
	if (section->type == SHT_NOBITS || section->type == SHT_NULL)
		return 0;
	if (section->offset > elf->file->size ||
	    section->size > elf->file->size - section->offset)
		return klp_file_fail(
			elf->file, -EBADMSG,
			"section %td lies beyond the end of the file: %" PRIu64
			" bytes at offset %" PRIu64,
			section - elf->sections, section->size, section->offset);
	return 0;
}

static int name_sections(struct klp_elf *elf, uint32_t shstrndx, const uint32_t *names)
{
	const struct klp_section *strtab = &elf->sections[shstrndx];
	const unsigned char *strings;
	int err = -EBADMSG;

	if (strtab->type != SHT_STRTAB || strtab->size == 0)
		return klp_file_fail(elf->file, -EBADMSG,
				     "the section names should be in section %u, which "
				     "is no string table", shstrndx);
	strings = klp_file_at(elf->file, strtab->offset, strtab->size, &err);
	if (!strings)
		return err;
	if (strings[strtab->size - 1] != '\0')
		return klp_file_fail(elf->file, -EBADMSG,
				     "the section name table (section %u) does not end "
				     "with a NUL", shstrndx);
	for (uint32_t i = 0; i < elf->n_sections; i++) {
		if (names[i] >= strtab->size)
			return klp_file_fail(
				elf->file, -EBADMSG,
				"the name of section %u lies beyond the name "
				"table",
				i);
		elf->sections[i].name = (const char *)strings + names[i];
	}
	return 0;
}

/* A small file can be large if many sections have the same contents. */
static int check_overlap(const struct klp_elf *elf)
{
	uint64_t sum = 0;

	for (uint32_t i = 0; i < elf->n_sections; i++) {
		if (!klp_elf_has_contents(elf, i))
			continue;
		sum += elf->sections[i].size;
		if (sum > elf->file->size)
			return klp_file_fail(elf->file, -EBADMSG,
					     "sections overlap: up to section %u they "
					     "should have %" PRIu64 " bytes, more than "
					     "the file (%" PRIu64 " bytes)",
					     i, sum, elf->file->size);
	}
	return 0;
}

static int read_sections(struct klp_elf *elf, uint64_t shoff, uint64_t shnum,
			 uint32_t shstrndx)
{
	const size_t header_size = section_header_size(elf);
	const unsigned char *p;
	int err = -EBADMSG;

	if (shoff == 0)
		return klp_file_fail(elf->file, -EBADMSG, "no section table");
	if (shoff > elf->file->size || header_size > elf->file->size - shoff)
		return klp_file_fail(elf->file, -EBADMSG,
				     "the section table at offset %" PRIu64 " lies "
				     "beyond the end of the file (%" PRIu64 " bytes)",
				     shoff, elf->file->size);
	/* gABI: section 0 has the number of sections if the header cannot hold it. */
	if (shnum == 0 || shstrndx == SHN_XINDEX) {
		p = klp_file_at(elf->file, shoff, header_size, &err);
		if (!p)
			return err;
		if (shnum == 0)
			shnum = FIELD(elf, p, Shdr, sh_size);
		if (shstrndx == SHN_XINDEX)
			shstrndx = (uint32_t)FIELD(elf, p, Shdr, sh_link);
	}
	if (shnum == 0)
		return klp_file_fail(elf->file, -EBADMSG,
				     "the section table at offset %" PRIu64
				     " has no entries", shoff);
	if (shnum > (elf->file->size - shoff) / header_size)
		return klp_file_fail(elf->file, -EBADMSG,
				     "the section table at offset %" PRIu64
				     " should have %" PRIu64 " entries, but there is "
				     "room for %" PRIu64, shoff, shnum,
				     (elf->file->size - shoff) / header_size);
	if (shstrndx >= shnum)
		return klp_file_fail(elf->file, -EBADMSG,
				     "the section names should be in section %u of "
				     "%" PRIu64, shstrndx, shnum);
	p = klp_file_at(elf->file, shoff, shnum * header_size, &err);
	if (!p)
		return err;

	/* calloc(3) would write everything twice. */
	_cleanup_free_ uint32_t *names = reallocarray(NULL, (size_t)shnum,
						      sizeof(*names));

	elf->sections = reallocarray(NULL, (size_t)shnum, sizeof(*elf->sections));
	if (!elf->sections || !names)
		return -ENOMEM;
	elf->n_sections = (uint32_t)shnum;
	for (uint32_t i = 0; i < elf->n_sections; i++) {
		err = read_section_header(elf, p + i * header_size,
					  &elf->sections[i], &names[i]);
		if (err < 0)
			return err;
	}
	err = check_overlap(elf);
	return err < 0 ? err : name_sections(elf, shstrndx, names);
}

static int open_elf(struct klp_elf *elf, struct klp_file *file, bool linked)
{
	uint64_t type, version, shentsize;
	const unsigned char *p;
	int err = -EBADMSG;

	*elf = (struct klp_elf){ .file = file };
	/* A full disk leaves empty files, so these have a message of their own. */
	if (file->size == 0)
		return klp_file_fail(file, -EBADMSG, "empty file");
	if (file->size < sizeof(Elf64_Ehdr))
		return klp_file_fail(file, -EBADMSG, "too short for an ELF file");
	p = klp_file_at(file, 0, sizeof(Elf64_Ehdr), &err);
	if (!p)
		return err;
	if (memcmp(p, ELFMAG, SELFMAG) != 0)
		return klp_file_fail(file, -EBADMSG, "not an ELF file");
	if (p[EI_CLASS] != ELFCLASS64 && p[EI_CLASS] != ELFCLASS32)
		return klp_file_fail(file, -EBADMSG, "unknown ELF class %u", p[EI_CLASS]);
	if (p[EI_DATA] != ELFDATA2LSB && p[EI_DATA] != ELFDATA2MSB)
		return klp_file_fail(file, -EBADMSG, "unknown byte order %u", p[EI_DATA]);
	elf->is_32_bit = p[EI_CLASS] == ELFCLASS32;
	elf->big_endian = p[EI_DATA] == ELFDATA2MSB;
	elf->machine = (uint16_t)FIELD(elf, p, Ehdr, e_machine);
	type = FIELD(elf, p, Ehdr, e_type);
	version = FIELD(elf, p, Ehdr, e_version);
	shentsize = FIELD(elf, p, Ehdr, e_shentsize);
	if (version == (uint32_t)EV_CURRENT << 24)
		return klp_file_fail(file, -EBADMSG,
				     "the ELF header is %s-endian but says that it is "
				     "not", elf->big_endian ? "little" : "big");
	if (linked && type != ET_EXEC && type != ET_DYN)
		return klp_file_fail(file, -EBADMSG, "not a linked kernel: type %" PRIu64,
				     type);
	if (!linked && type != ET_REL)
		return klp_file_fail(file, -EBADMSG,
				     "not a relocatable ELF file, as modules are: type "
				     "%" PRIu64, type);
	if (shentsize != section_header_size(elf))
		return klp_file_fail(file, -EBADMSG,
				     "section headers of a wrong size: %" PRIu64,
				     shentsize);
	return read_sections(elf, FIELD(elf, p, Ehdr, e_shoff),
			     FIELD(elf, p, Ehdr, e_shnum),
			     (uint32_t)FIELD(elf, p, Ehdr, e_shstrndx));
}

int klp_elf_open(struct klp_elf *elf, struct klp_file *file)
{
	return open_elf(elf, file, false);
}

int klp_elf_open_kernel(struct klp_elf *elf, struct klp_file *file)
{
	return open_elf(elf, file, true);
}

void klp_elf_close(struct klp_elf *elf)
{
	free(elf->sections);
	*elf = (struct klp_elf){ 0 };
}

uint32_t klp_elf_find_section(const struct klp_elf *elf, const char *name)
{
	for (uint32_t i = 1; i < elf->n_sections; i++) {
		if (klp_streq(elf->sections[i].name, name))
			return i;
	}
	return 0;
}

const unsigned char *klp_elf_data(const struct klp_elf *elf, uint32_t i, uint64_t offset,
				  uint64_t size, int *err)
{
	const struct klp_section *section;

	if (i == 0 || i >= elf->n_sections) {
		*err = klp_file_fail(elf->file, -EBADMSG, "there is no section %u", i);
		return NULL;
	}
	section = &elf->sections[i];
	if (!klp_elf_has_contents(elf, i) || offset > section->size ||
	    size > section->size - offset) {
		*err = klp_file_fail(elf->file, -EBADMSG,
				     "section %s has no %" PRIu64 " bytes at %" PRIu64,
				     section->name, size, offset);
		return NULL;
	}
	return klp_file_at(elf->file, section->offset + offset, size, err);
}

int klp_elf_load_section(const struct klp_elf *elf, uint32_t i)
{
	int err = 0;

	klp_elf_data(elf, i, 0, elf->sections[i].size, &err);
	return err;
}

const char *klp_elf_string(const struct klp_elf *elf, uint32_t i, uint64_t offset)
{
	const unsigned char *p;
	uint64_t size;
	int err;

	if (!klp_elf_has_contents(elf, i) || offset >= elf->sections[i].size)
		return NULL;
	size = elf->sections[i].size - offset;
	if (size > KLP_STRING_MAX)
		size = KLP_STRING_MAX;
	p = klp_file_at(elf->file, elf->sections[i].offset + offset, size, &err);
	return p && memchr(p, '\0', (size_t)size) ? (const char *)p : NULL;
}

static int modinfo_entry(const char *entry, size_t len,
			 int (*fn)(void *, const char *, const char *), void *data)
{
	const char *equals = memchr(entry, '=', len);
	char key[64]; /* longer ones are meaningless */

	if (!equals || (size_t)(equals - entry) >= sizeof(key))
		return 0;
	memcpy(key, entry, (size_t)(equals - entry));
	key[equals - entry] = '\0';
	return fn(data, key, equals + 1);
}

int klp_elf_modinfo(const struct klp_elf *elf,
		    int (*fn)(void *data, const char *key, const char *value), void *data)
{
	uint32_t number = klp_elf_find_section(elf, ".modinfo");
	const struct klp_section *section = &elf->sections[number];
	const char *p, *end;
	int err = 0;

	if (number == 0 || section->size == 0)
		return 0;
	if (section->type == SHT_NOBITS)
		return klp_file_fail(elf->file, -EBADMSG,
				     ".modinfo has no contents, as in a file of "
				     "debugging information alone");
	p = (const char *)klp_elf_data(elf, number, 0, section->size, &err);
	if (!p)
		return err;
	end = p + section->size;
	while (p < end && err == 0) {
		size_t len = strnlen(p, (size_t)(end - p));

		if (p + len == end)
			return klp_file_fail(elf->file, -EBADMSG,
					     ".modinfo does not end with a NUL");
		err = modinfo_entry(p, len, fn, data);
		p += len + 1;
	}
	return err;
}

/* ---- the build-id ------------------------------------------------------------------ */

bool klp_build_id_from_note(const unsigned char *note, size_t size, bool big_endian,
			    char id[KLP_BUILD_ID_SIZE])
{
	static const char owner[] = "GNU";
	const struct klp_elf elf = { .big_endian = big_endian };
	size_t at = sizeof(Elf64_Nhdr), len;

	if (size < at + sizeof(owner) ||
	    klp_elf_u32(&elf, note) != sizeof(owner) ||
	    klp_elf_u32(&elf, note + 8) != NT_GNU_BUILD_ID ||
	    memcmp(note + at, owner, sizeof(owner)) != 0)
		return false;
	at += sizeof(owner);
	len = klp_elf_u32(&elf, note + 4);
	if (len == 0 || len > size - at || len > (KLP_BUILD_ID_SIZE - 1) / 2)
		return false;
	for (size_t i = 0; i < len; i++)
		snprintf(id + 2 * i, 3, "%02x", note[at + i]);
	return true;
}

int klp_elf_build_id(const struct klp_elf *elf, char id[KLP_BUILD_ID_SIZE])
{
	uint32_t section = klp_elf_find_section(elf, ".note.gnu.build-id");
	const unsigned char *note;
	int err = 0;

	if (!section || elf->sections[section].type != SHT_NOTE)
		return 0;
	note = klp_elf_data(elf, section, 0, elf->sections[section].size, &err);
	return note ? klp_build_id_from_note(note, (size_t)elf->sections[section].size,
					     elf->big_endian, id) :
		      err;
}
