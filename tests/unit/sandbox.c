/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Children lock themselves in and then try what they must not be able to.
 * Not built with sanitizers: the lock does nothing there.
 */
#include "authd/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/base/log.h"
#include "common/base/secret.h"
#include "common/crypto/path.h"
#include "common/crypto/pwhash.h"
#include "common/crypto/signature.h"
#include "tests/unit/test.h"
#include "tests/unit/testca.h"

enum { DONE = 7 }; /* the child's way of saying that nothing stopped it */

static const enum sandbox all[] = {
    SANDBOX_WORKER, SANDBOX_KEYRING, SANDBOX_CLERK, SANDBOX_HASHER};

static int
status_of(enum sandbox sandbox, void (*what)(void))
{
	int status;
	pid_t child = fork();

	if (child == 0) {
		if (sandbox_lock(sandbox) != ERR_OK)
			_exit(1);
		what();
		_exit(DONE);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	return status;
}

static void
dies(const char *name, enum sandbox sandbox, void (*what)(void))
{
	int status = status_of(sandbox, what);

	if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGSYS)
		fail_msg("%s in sandbox %u: status %#x", name,
		    (unsigned)sandbox, (unsigned)status);
}

static void
lives(const char *name, enum sandbox sandbox, void (*what)(void))
{
	int status = status_of(sandbox, what);

	if (!WIFEXITED(status) || WEXITSTATUS(status) != DONE)
		fail_msg("%s in sandbox %u: status %#x", name,
		    (unsigned)sandbox, (unsigned)status);
}

static void
do_open(void)
{
	(void)!open("/dev/null", O_RDONLY);
}

static void
do_open_old(void)
{
	(void)syscall(SYS_open, "/dev/null", O_RDONLY);
}

static void
do_socket(void)
{
	(void)!socket(AF_INET, SOCK_STREAM, 0);
}

static void
do_connect(void)
{
	(void)!connect(0, NULL, 0);
}

static void
do_bind(void)
{
	(void)!bind(0, NULL, 0);
}

static void
do_execve(void)
{
	static char *const none[] = {NULL};

	(void)execve("/bin/true", none, none);
}

static void
do_fork(void)
{
	(void)!fork();
}

static void *
nothing(void *data)
{
	return data;
}

static void
do_thread(void)
{
	pthread_t thread;

	(void)!pthread_create(&thread, NULL, nothing, NULL);
}

static void
do_ptrace(void)
{
	(void)ptrace(PTRACE_TRACEME, 0, NULL, NULL);
}

static void
do_peek(void)
{
	(void)syscall(SYS_process_vm_readv, getppid(), NULL, 0, NULL, 0, 0);
}

static void
do_kill(void)
{
	(void)kill(getppid(), 0);
}

static void
do_map_code(void)
{
	(void)mmap(NULL, 4096, PROT_READ | PROT_EXEC,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

static void
do_map_all(void)
{
	(void)mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

static void *page;

static void
do_make_code(void)
{
	(void)mprotect(page, 4096, PROT_READ | PROT_EXEC);
}

static void
do_prctl(void)
{
	(void)prctl(PR_SET_DUMPABLE, 1L, 0L, 0L, 0L);
}

static void
do_setuid(void)
{
	(void)!setuid(0);
}

static void
do_unlink(void)
{
	(void)unlink("/nonexistent");
}

static void
do_io_uring(void)
{
	(void)syscall(SYS_io_uring_setup, 1, NULL);
}

#ifdef __x86_64__
/* The kernel's other entrances: 32-bit calls, and x32. */
static void
do_32bit_getpid(void)
{
	long rc;

	__asm__ volatile("int $0x80" : "=a"(rc) : "a"(20) : "memory");
	(void)rc;
}

static void
do_x32_getpid(void)
{
	(void)syscall(0x40000000 | SYS_getpid);
}
#endif

static void
what_none_may_do(void **state)
{
	static const struct {
		const char *name;
		void (*what)(void);
	} table[] = {
	    {"openat", do_open},
	    {"open", do_open_old},
	    {"socket", do_socket},
	    {"connect", do_connect},
	    {"bind", do_bind},
	    {"execve", do_execve},
	    {"fork", do_fork},
	    {"thread", do_thread},
	    {"ptrace", do_ptrace},
	    {"process_vm_readv", do_peek},
	    {"kill", do_kill},
	    {"mmap PROT_EXEC", do_map_code},
	    {"mmap everything", do_map_all},
	    {"mprotect PROT_EXEC", do_make_code},
	    {"prctl", do_prctl},
	    {"setuid", do_setuid},
	    {"unlink", do_unlink},
	    {"io_uring", do_io_uring},
#ifdef __x86_64__
	    {"32-bit call", do_32bit_getpid},
	    {"x32 call", do_x32_getpid},
#endif
	};
	size_t i, b;

	(void)state;
	page = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	assert_ptr_not_equal(page, MAP_FAILED);
	for (b = 0; b < COUNT(all); b++) {
		for (i = 0; i < COUNT(table); i++)
			dies(table[i].name, all[b], table[i].what);
	}
	(void)munmap(page, 4096);
}

static void
do_accept(void)
{
	if (accept4(-1, NULL, NULL, 0) != -1 || errno != EBADF)
		_exit(1);
}

static void
only_a_worker_accepts(void **state)
{
	(void)state;
	lives("accept4", SANDBOX_WORKER, do_accept);
	dies("accept4", SANDBOX_KEYRING, do_accept);
	dies("accept4", SANDBOX_CLERK, do_accept);
	dies("accept4", SANDBOX_HASHER, do_accept);
}

static int folder;

/* What publishing a CRL takes: a file that was not there, and its name. */
static void
do_create(void)
{
	int fd = openat(folder, ".sandbox", SANDBOX_CREATE, 0600);

	if (fd < 0 || fchmod(fd, 0644) != 0 || fsync(fd) != 0 ||
	    renameat(folder, ".sandbox", folder, "sandbox") != 0 ||
	    openat(folder, "sandbox", SANDBOX_CREATE, 0600) != -1 ||
	    unlinkat(folder, "sandbox", 0) != 0)
		_exit(1);
}

static void
do_write(void)
{
	(void)!openat(folder, ".", O_WRONLY | O_CREAT, 0600);
}

static void
only_the_clerk_makes_files(void **state)
{
	char path[] = "/tmp/sekisho-sandbox-XXXXXX";

	(void)state;
	assert_non_null(mkdtemp(path));
	folder = open(path, O_RDONLY | O_DIRECTORY);
	assert_true(folder >= 0);
	lives("create", SANDBOX_CLERK, do_create);
	dies("create", SANDBOX_WORKER, do_create);
	dies("create", SANDBOX_KEYRING, do_create);
	dies("create", SANDBOX_HASHER, do_create);
	dies("write", SANDBOX_CLERK, do_write);
	(void)close(folder);
	assert_int_equal(rmdir(path), 0);
}

/* The work itself: memory, messages, hashing, randomness, the log. */
static void
do_work(void)
{
	const struct pwhash_cost cost = {1, 64};
	unsigned char salt[PWHASH_SALT], tag[PWHASH_TAG];
	char c = 'x';
	int *fd = page;
	void *big = malloc((size_t)32 << 20);

	if (big == NULL)
		_exit(2);
	memset(big, 1, (size_t)32 << 20);
	free(big);
	randombytes_buf(salt, sizeof salt);
	if (pwhash_tag(&cost, salt, "p", 1, tag) != ERR_OK)
		_exit(3);
	if (send(fd[0], &c, 1, MSG_NOSIGNAL) != 1 || recv(fd[1], &c, 1, 0) != 1)
		_exit(4);
	log_debug("not shown");
}

static void
its_work_a_process_can_do(void **state)
{
	int pair[2];
	size_t b;

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair), 0);
	page = pair;
	for (b = 0; b < COUNT(all); b++)
		lives("work", all[b], do_work);
	(void)close(pair[0]);
	(void)close(pair[1]);
}

/*
 * What OpenSSL opens it has opened in signature_init. The keys are made in a
 * process of their own, so that this one knows OpenSSL by that alone.
 */
struct made {
	struct testkey keys[2];
	struct testca ca;
	unsigned char digest[SIGNATURE_DIGEST];
	unsigned char signatures[3][SIGNATURE_MAX];
	size_t lens[3];
};
static struct made *made;
static struct path_store *paths;

static const struct testkey *
key_of(enum scheme scheme)
{
	return &made->keys[scheme != SCHEME_ECDSA_SHA256];
}

static void
make_signatures(void)
{
	enum scheme scheme;

	testkey_ec("P-256", &made->keys[0]);
	testkey_rsa(2048, &made->keys[1]);
	testkey_ec("P-384", &made->ca.key);
	testca_root(&made->ca, "Sekisho CA");
	for (scheme = SCHEME_ECDSA_SHA256; scheme <= SCHEME_RSA_PSS_SHA256;
	     scheme++)
		made->lens[scheme] = testkey_sign(key_of(scheme), scheme,
		    made->digest, made->signatures[scheme]);
}

static void
do_verify(void)
{
	static const struct path_options o = {
	    .now = TESTCA_NOW, .unchecked_revocation = true};
	struct path_fault fault;
	struct spki spki;
	enum scheme scheme;

	if (path_validate(paths, made->ca.der, made->ca.len, &o, &fault) !=
	    ERR_OK)
		_exit(1);
	for (scheme = SCHEME_ECDSA_SHA256; scheme <= SCHEME_RSA_PSS_SHA256;
	     scheme++) {
		const struct testkey *key = key_of(scheme);
		unsigned char signature[SIGNATURE_MAX];

		memcpy(signature, made->signatures[scheme], sizeof signature);
		if (spki_acceptable(key->spki, key->len, &spki) != ERR_OK)
			_exit(2);
		if (signature_verify(key->spki, key->len, scheme, made->digest,
			signature, made->lens[scheme]) != ERR_OK)
			_exit(3);
		signature[20] ^= 1;
		if (signature_verify(key->spki, key->len, scheme, made->digest,
			signature, made->lens[scheme]) != ERR_MISMATCH)
			_exit(4);
	}
}

static void
signatures_can_be_verified(void **state)
{
	pid_t child;
	int status = -1;
	size_t b;

	(void)state;
	made = mmap(NULL, sizeof *made, PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	assert_ptr_not_equal(made, MAP_FAILED);
	child = fork();
	if (child == 0) {
		make_signatures();
		_exit(DONE);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(WEXITSTATUS(status), DONE);
	assert_ok(signature_init());
	assert_ok(path_store_new(&paths));
	assert_ok(path_store_anchor(paths, made->ca.der, made->ca.len));
	for (b = 0; b < COUNT(all); b++)
		lives("verify", all[b], do_verify);
	path_store_free(&paths);
	(void)munmap(made, sizeof *made);
}

/* Files asked for by libraries are refused softly, not deadly. */
static void
do_probe(void)
{
	char buffer[512];

	if (isatty(2) != 0 ||
	    syscall(SYS_newfstatat, -100, "/", buffer, 0) != -1 ||
	    errno != EACCES)
		_exit(1);
}

static void
no_privilege_is_ever_gained(void **state)
{
	int status;
	pid_t child = fork();

	(void)state;
	if (child == 0) {
		if (sandbox_drop_user(getuid(), getgid(), getppid()) != ERR_OK)
			_exit(1);
		if (prctl(PR_GET_NO_NEW_PRIVS, 0L, 0L, 0L, 0L) != 0)
			_exit(2);
		/* what the lock sets, as /proc says it of another process */
		if (sandbox_lock(SANDBOX_CLERK) != ERR_OK)
			_exit(3);
		for (;;)
			(void)poll(NULL, 0, 1000);
	}
	status = 0;
	for (int i = 0; i < 400 && status != 3; i++) {
		char path[64], text[4096], *p;
		ssize_t n;
		int fd;

		(void)snprintf(path, sizeof path, "/proc/%d/status", child);
		fd = open(path, O_RDONLY);
		assert_true(fd >= 0);
		n = read(fd, text, sizeof text - 1);
		(void)close(fd);
		text[n > 0 ? n : 0] = '\0';
		p = strstr(text, "\nNoNewPrivs:\t1\n");
		status |= p != NULL ? 1 : 0;
		p = strstr(text, "\nSeccomp:\t2\n");
		status |= p != NULL ? 2 : 0;
		(void)usleep(5000);
	}
	(void)kill(child, SIGKILL);
	assert_int_equal(waitpid(child, NULL, 0), child);
	assert_int_equal(status, 3);
}

static int
dropped(pid_t supervisor, bool check)
{
	int status;
	pid_t child = fork();

	if (child == 0) {
		enum error err = sandbox_drop_user(65534, 65534, supervisor);
		gid_t groups[8];

		if (err != ERR_OK)
			_exit((int)err);
		if (check && (getuid() != 65534 || geteuid() != 65534 ||
				 getgid() != 65534 || getegid() != 65534 ||
				 getgroups(8, groups) != 0 || setuid(0) == 0 ||
				 seteuid(0) == 0 || setgid(0) == 0))
			_exit(100);
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void
dropping_the_user_is_for_good(void **state)
{
	(void)state;
	if (getuid() == 0) {
		assert_int_equal(dropped(getpid(), true), 0);
		/* orphaned before it could ask to be told */
		assert_int_equal(dropped(1, false), ERR_CLOSED);
	} else {
		assert_int_equal(dropped(getpid(), false), ERR_SYSTEM);
	}
}

static void
who_loses_its_supervisor_ends(void **state)
{
	int fd[2], status;
	pid_t child;
	char c;

	(void)state;
	assert_int_equal(pipe(fd), 0);
	child = fork();
	if (child == 0) {
		pid_t grandchild = fork();

		if (grandchild == 0) {
			(void)close(fd[0]);
			if (sandbox_drop_user(getuid(), getgid(), getppid()) !=
			    ERR_OK)
				_exit(1);
			(void)!write(fd[1], "r", 1);
			(void)pause();
		}
		(void)close(fd[1]);
		(void)!read(fd[0], &c, 1);
		(void)raise(SIGKILL);
	}
	(void)close(fd[1]);
	assert_int_equal(waitpid(child, &status, 0), child);
	/* end of file: the grandchild is gone as well */
	assert_int_equal(read(fd[0], &c, 1), 0);
	(void)close(fd[0]);
}

static void
probes_are_refused_softly(void **state)
{
	size_t b;

	(void)state;
	for (b = 0; b < COUNT(all); b++)
		lives("probe", all[b], do_probe);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_none_may_do),
	    cmocka_unit_test(only_a_worker_accepts),
	    cmocka_unit_test(only_the_clerk_makes_files),
	    cmocka_unit_test(its_work_a_process_can_do),
	    cmocka_unit_test(signatures_can_be_verified),
	    cmocka_unit_test(probes_are_refused_softly),
	    cmocka_unit_test(no_privilege_is_ever_gained),
	    cmocka_unit_test(dropping_the_user_is_for_good),
	    cmocka_unit_test(who_loses_its_supervisor_ends),
	};

	return sodium_init() < 0 ? 1
				 : cmocka_run_group_tests(tests, NULL, NULL);
}
