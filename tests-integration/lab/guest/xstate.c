/*
 * Preloaded into User-Mode Linux, which keeps a process's extended registers in a buffer of the size that they had in
 * its kernel's days. Reading that many is fine, but the host's kernel takes back nothing less than all of them (EFAULT,
 * "ptrace set fp regs failed"), and processors with AMX have 8 KB more. Here the rest is added as zeros: whether a part
 * holds anything is told by bits at the beginning, and those of what was never read are not set.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <elf.h>
#include <errno.h>
#include <stdarg.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/types.h>
#include <sys/uio.h>

typedef long (*ptrace_type)(int, pid_t, void *, void *);

/* Not on the stack, which is a kernel's and small; and that kernel has one processor. */
static char whole[65536];

static size_t whole_size(ptrace_type next, pid_t pid) {
  static char scratch[sizeof whole];
  struct iovec area = {scratch, sizeof scratch};
  return next(PTRACE_GETREGSET, pid, (void *)NT_X86_XSTATE, &area) == 0 ? area.iov_len : 0;
}

long ptrace(enum __ptrace_request request, ...) {
  static ptrace_type next;
  va_list arguments;
  va_start(arguments, request);
  pid_t pid = va_arg(arguments, pid_t);
  void *address = va_arg(arguments, void *);
  void *data = va_arg(arguments, void *);
  va_end(arguments);
  if (next == NULL) {
    next = (ptrace_type)dlsym(RTLD_NEXT, "ptrace");
  }
  long result = next(request, pid, address, data);
  if (result == 0 || errno != EFAULT || request != PTRACE_SETREGSET || address != (void *)NT_X86_XSTATE) {
    return result;
  }
  const struct iovec *part = data;
  struct iovec area = {whole, whole_size(next, pid)};
  if (area.iov_len <= part->iov_len) {
    errno = EFAULT;
    return -1;
  }
  memset(whole, 0, area.iov_len);
  memcpy(whole, part->iov_base, part->iov_len);
  return next(request, pid, address, &area);
}
