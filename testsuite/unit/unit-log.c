// SPDX-License-Identifier: LGPL-2.1-or-later
/* What the helper logs: where to, and how often. */
#include "config.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>

#include "testsuite/unit/fixture.h"

static int play_clock(clockid_t id, struct timespec *now);

#undef LOG_LIMIT_PATH
#define LOG_LIMIT_PATH "limit"
#define SYSLOG_PATH "log"
#define KMSG_PATH "kmsg"
#define clock_gettime play_clock
#include "tools/log-limit.c"
#undef clock_gettime
#include "tools/log.c"

static time_t seconds;

static int play_clock(clockid_t id, struct timespec *now)
{
	ck_assert_int_eq(id, CLOCK_BOOTTIME);
	*now = (struct timespec){ .tv_sec = seconds };
	return 0;
}

static void start(void)
{
	ck_assert_int_eq(chdir(fix_dir), 0);
	unlink("limit");
	unlink("log");
	put_text("kmsg", "");
	/* the test's own standard error */
	ck_assert_ptr_nonnull(freopen("stderr", "w", stderr));
	seconds = 1000;
}

static char *contents(const char *file)
{
	_cleanup_free_ char *data = NULL;

	fflush(stderr);
	ck_assert_int_eq(klp_read_file(file, 1 << 20, &data, NULL), 0);
	return text("%s", data);
}

static size_t count_lines(const char *file)
{
	size_t n = 0;

	for (const char *c = contents(file); *c; c++)
		n += *c == '\n';
	return n;
}

/* ---- how often --------------------------------------------------------------------- */

/* How many of @n lines pass. */
static unsigned int pass(const char *line, unsigned int n, unsigned int expected_left_out)
{
	unsigned int passed = 0, left_out;

	for (unsigned int i = 0; i < n; i++) {
		passed += log_limit_passes(line, &left_out);
		ck_assert_uint_eq(left_out, i == 0 ? expected_left_out : 0);
	}
	return passed;
}

START_TEST(limit)
{
	struct stat st;

	start();
	ck_assert_uint_eq(pass("a", 100, 0), 5);
	/* another line is another matter */
	ck_assert_uint_eq(pass("b", 3, 0), 3);
	/* ten minutes from the first */
	seconds += 599;
	ck_assert_uint_eq(pass("a", 10, 0), 0);
	seconds += 1;
	ck_assert_uint_eq(pass("b", 3, 0), 3);
	ck_assert_uint_eq(pass("a", 100, 105), 5);
	/* those of one period only */
	seconds += 6000;
	ck_assert_uint_eq(pass("a", 1, 95), 1);
	seconds += 600;
	ck_assert_uint_eq(pass("a", 1, 0), 1);
	ck_assert_int_eq(stat("limit", &st), 0);
	ck_assert_uint_eq(st.st_mode, S_IFREG | 0600);
}
END_TEST

/* It does not grow, and what is new is never left out. */
START_TEST(limit_many)
{
	struct stat st;

	start();
	for (unsigned int i = 0; i < 3000; i++) {
		ck_assert_uint_eq(pass(text("line %u", i), 1, 0), 1);
		ck_assert_uint_eq(pass("again", 1, 0), i < 5);
	}
	ck_assert_int_eq(stat("limit", &st), 0);
	ck_assert_int_eq(st.st_size, 4096);
}
END_TEST

/* Whatever is there in its place, all is logged. */
START_TEST(limit_not_to_be_had)
{
	start();
	ck_assert_int_eq(mkdir("limit", 0700), 0);
	ck_assert_uint_eq(pass("a", 100, 0), 100);
	ck_assert_int_eq(rmdir("limit"), 0);
	ck_assert_int_eq(symlink("elsewhere", "limit"), 0);
	ck_assert_uint_eq(pass("a", 100, 0), 100);
	ck_assert_int_lt(access("elsewhere", F_OK), 0);
	unlink("limit");
	put_text("limit", "nonsense of another version\n");
	ck_assert_uint_eq(pass("a", 100, 0), 5);
}
END_TEST

/* ---- where to ---------------------------------------------------------------------- */

static int listen_at(const char *path)
{
	struct sockaddr_un address = { AF_UNIX, "" };
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	strcpy(address.sun_path, path);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	return fd;
}

START_TEST(to_whom)
{
	char packet[256];
	ssize_t n;
	int fd;

	start();
	/* there is no syslog: the kernel's log */
	log_print(LOG_NOTICE, "loaded: %s: fine", "kvm");
	expect_text(contents("kmsg"), "<29>klpdep: loaded: kvm: fine\n");
	expect_text(contents("stderr"), "");

	put_text("kmsg", "");
	fd = listen_at("log");
	log_print(LOG_WARNING, "patch-failed: kvm: x\ny\033");
	n = recv(fd, packet, sizeof(packet) - 1, 0);
	ck_assert_int_gt(n, 0);
	packet[n] = '\0';
	ck_assert(klp_after_prefix(packet, "<28>") != NULL);
	expect_text(strstr(packet, " klpdep["),
		    text(" klpdep[%d]: patch-failed: kvm: x?y?", getpid()));
	/* "Nov 22 23:59:59", as RFC 3164 has it */
	ck_assert_ptr_eq(strstr(packet, " klpdep["), packet + strlen("<28>") + 15);
	expect_text(contents("kmsg"), "");
	expect_text(contents("stderr"), "klpdep: patch-failed: kvm: x?y?\n");

	/* a socket without anybody */
	close(fd);
	log_print(LOG_NOTICE, "loaded: kvm: fine");
	expect_text(contents("kmsg"), "<29>klpdep: loaded: kvm: fine\n");

	/* nor a FIFO without a reader: the test would not end */
	ck_assert_int_eq(unlink("kmsg"), 0);
	ck_assert_int_eq(mkfifo("kmsg", 0600), 0);
	log_print(LOG_NOTICE, "loaded: kvm: fine");
	ck_assert_int_eq(unlink("kmsg"), 0);
}
END_TEST

/* A daemon that does not read is not waited for: the test would not end. */
START_TEST(stuck_daemon)
{
	int fd, n = 3000;

	start();
	fd = listen_at("log");
	for (int i = 0; i < n; i++)
		log_print(LOG_NOTICE, "loaded: kvm: %d", i);
	ck_assert_uint_lt(count_lines("kmsg"), (size_t)n);
	ck_assert_uint_gt(count_lines("kmsg"), 0);
	ck_assert_ptr_nonnull(
		strstr(contents("kmsg"), "<29>klpdep: loaded: kvm: 2999\n"));
	close(fd);
}
END_TEST

/* Standard error has all of them: somebody is there who reads it. */
START_TEST(repeated)
{
	start();
	for (int i = 0; i < 7; i++)
		log_print(LOG_ERR, "in-use: kvm: is in use");
	ck_assert_uint_eq(count_lines("stderr"), 7);
	ck_assert_uint_eq(count_lines("kmsg"), 5);
	put_text("kmsg", "");
	seconds += 600;
	log_print(LOG_ERR, "in-use: kvm: is in use");
	expect_text(contents("kmsg"),
		    "<27>klpdep: in-use: kvm: is in use (2 like this were not logged)\n");
}
END_TEST

UNIT_MAIN("report", limit, limit_many, limit_not_to_be_had, to_whom, stuck_daemon,
	  repeated)
