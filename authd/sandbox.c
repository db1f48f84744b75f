/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "authd/sandbox.h"

#include <errno.h>
#include <grp.h>
#include <seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/base/secret.h"

enum error
sandbox_drop_user(uid_t uid, gid_t gid, pid_t supervisor)
{
	if (getuid() != uid || geteuid() != uid) {
		if (setgroups(0, NULL) != 0 || setresgid(gid, gid, gid) != 0 ||
		    setresuid(uid, uid, uid) != 0)
			return ERR_SYSTEM;
		/* It must not be possible to come back. */
		if (setuid(0) == 0 || getuid() != uid)
			return ERR_DENIED;
	}
	/* After the change of user, which resets it. */
	if (prctl(PR_SET_PDEATHSIG, (unsigned long)SIGKILL, 0L, 0L, 0L) != 0)
		return ERR_SYSTEM;
	return getppid() == supervisor ? ERR_OK : ERR_CLOSED;
}

#ifdef SEKISHO_SANITIZED

enum error
sandbox_lock(enum sandbox sandbox)
{
	(void)sandbox;
	return ERR_OK;
}

enum error
sandbox_fence(bool network)
{
	(void)network;
	secret_harden_process();
	return ERR_OK;
}

#else

/* What libc, libpq and our own code need once everything is open. */
static const int common_calls[] = {
    SCMP_SYS(read),
    SCMP_SYS(write),
    SCMP_SYS(readv),
    SCMP_SYS(writev),
    SCMP_SYS(sendto),
    SCMP_SYS(recvfrom),
    SCMP_SYS(sendmsg),
    SCMP_SYS(recvmsg),
    SCMP_SYS(poll),
    SCMP_SYS(ppoll),
    SCMP_SYS(close),
    SCMP_SYS(shutdown),
    SCMP_SYS(getsockopt),
    SCMP_SYS(futex),
    SCMP_SYS(clock_gettime),
    SCMP_SYS(clock_nanosleep),
    SCMP_SYS(nanosleep),
    SCMP_SYS(getrandom),
    SCMP_SYS(getpid),
    SCMP_SYS(gettid),
    SCMP_SYS(getppid),
    SCMP_SYS(brk),
    SCMP_SYS(munmap),
    SCMP_SYS(mremap),
    SCMP_SYS(madvise),
    SCMP_SYS(rt_sigreturn),
    SCMP_SYS(rt_sigaction),
    SCMP_SYS(rt_sigprocmask),
    SCMP_SYS(sigaltstack),
    SCMP_SYS(restart_syscall),
    SCMP_SYS(sched_yield),
    SCMP_SYS(exit),
    SCMP_SYS(exit_group),
    SCMP_SYS(gettimeofday),
    SCMP_SYS(sched_getaffinity),
};

static int
allow(scmp_filter_ctx ctx, const int *calls, size_t n)
{
	size_t i;
	int rc = 0;

	for (i = 0; i < n && rc == 0; i++)
		rc = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, calls[i], 0);
	return rc;
}

/*
 * The clerk publishes the CRL: it may make a file that was not there, and
 * give it another name, but open none that is.
 */
static int
allow_publishing(scmp_filter_ctx ctx)
{
	static const int calls[] = {SCMP_SYS(renameat), SCMP_SYS(renameat2),
	    SCMP_SYS(unlinkat), SCMP_SYS(fsync), SCMP_SYS(fchmod)};
	int rc = allow(ctx, calls, sizeof calls / sizeof calls[0]);

	if (rc != 0)
		return rc;
	return seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(openat), 1,
	    SCMP_A2(SCMP_CMP_EQ, SANDBOX_CREATE));
}

enum error
sandbox_lock(enum sandbox sandbox)
{
	static const int worker_calls[] = {SCMP_SYS(accept4), SCMP_SYS(accept),
	    SCMP_SYS(epoll_wait), SCMP_SYS(epoll_pwait)};
	scmp_filter_ctx ctx;
	enum error err = ERR_SYSTEM;
	int rc;

	secret_harden_process();
	if (prctl(PR_SET_NO_NEW_PRIVS, 1L, 0L, 0L, 0L) != 0)
		return ERR_SYSTEM;
	ctx = seccomp_init(SCMP_ACT_KILL_PROCESS);
	if (ctx == NULL)
		return ERR_NOMEM;
	rc = allow(
	    ctx, common_calls, sizeof common_calls / sizeof common_calls[0]);
	/* Memory may be had, but none that can be executed. */
	if (rc == 0)
		rc = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 1,
		    SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
	if (rc == 0)
		rc = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(mprotect),
		    1, SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
	/* stdio asks whether standard error is a terminal or a file. */
	if (rc == 0)
		rc = seccomp_rule_add(
		    ctx, SCMP_ACT_ERRNO(ENOTTY), SCMP_SYS(ioctl), 0);
	if (rc == 0)
		rc = seccomp_rule_add(
		    ctx, SCMP_ACT_ERRNO(EACCES), SCMP_SYS(newfstatat), 0);
	if (rc == 0 && sandbox == SANDBOX_WORKER)
		rc = allow(ctx, worker_calls,
		    sizeof worker_calls / sizeof worker_calls[0]);
	if (rc == 0 && sandbox == SANDBOX_CLERK)
		rc = allow_publishing(ctx);
	if (rc == 0 && seccomp_load(ctx) == 0)
		err = ERR_OK;
	seccomp_release(ctx);
	return err;
}

/* What no module has any business with. */
static const int fenced_calls[] = {
    SCMP_SYS(execve),
    SCMP_SYS(execveat),
    SCMP_SYS(ptrace),
    SCMP_SYS(process_vm_readv),
    SCMP_SYS(process_vm_writev),
    SCMP_SYS(kcmp),
    SCMP_SYS(pidfd_getfd),
    SCMP_SYS(mount),
    SCMP_SYS(umount2),
    SCMP_SYS(pivot_root),
    SCMP_SYS(chroot),
    SCMP_SYS(setns),
    SCMP_SYS(unshare),
    SCMP_SYS(init_module),
    SCMP_SYS(finit_module),
    SCMP_SYS(delete_module),
    SCMP_SYS(kexec_load),
    SCMP_SYS(bpf),
    SCMP_SYS(perf_event_open),
    SCMP_SYS(userfaultfd),
    SCMP_SYS(add_key),
    SCMP_SYS(request_key),
    SCMP_SYS(keyctl),
};

enum error
sandbox_fence(bool network)
{
	static const unsigned families[] = {
	    AF_INET, AF_INET6, AF_PACKET, AF_NETLINK};
	scmp_filter_ctx ctx;
	enum error err = ERR_SYSTEM;
	size_t i;
	int rc = 0;

	secret_harden_process();
	if (prctl(PR_SET_NO_NEW_PRIVS, 1L, 0L, 0L, 0L) != 0)
		return ERR_SYSTEM;
	ctx = seccomp_init(SCMP_ACT_ALLOW);
	if (ctx == NULL)
		return ERR_NOMEM;
	for (i = 0; rc == 0 && i < sizeof fenced_calls / sizeof fenced_calls[0];
	     i++)
		rc = seccomp_rule_add(
		    ctx, SCMP_ACT_ERRNO(EPERM), fenced_calls[i], 0);
	for (i = 0;
	     rc == 0 && !network && i < sizeof families / sizeof families[0];
	     i++)
		rc = seccomp_rule_add(ctx, SCMP_ACT_ERRNO(EACCES),
		    SCMP_SYS(socket), 1, SCMP_A0(SCMP_CMP_EQ, families[i]));
	if (rc == 0 && seccomp_load(ctx) == 0)
		err = ERR_OK;
	seccomp_release(ctx);
	return err;
}

#endif
