/* Writes down, in order, what a process does to the files of one folder, and then lets it happen.
 *
 * Loaded with LD_PRELOAD. POWER_CUT_FOLDER names the folder, POWER_CUT_LOG the file of records. A record is
 * { kind u8, name length u16, offset u64, length u64 }, the name, and for writes the bytes; numbers are little-endian.
 * Kinds: w write, t truncate, s sync, u unlink. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

#define FILES 4096

static pthread_mutex_t turn = PTHREAD_MUTEX_INITIALIZER;
static char *name_of[FILES];
static int out = -1;

static const char *inside(const char *path, char *whole)
{
	const char *folder = getenv("POWER_CUT_FOLDER");
	if (!folder || !path)
		return NULL;
	if (path[0] == '/')
		snprintf(whole, PATH_MAX, "%s", path);
	else
		return NULL;
	size_t length = strlen(folder);
	return strncmp(whole, folder, length) == 0 && whole[length] == '/' ? whole + length + 1 : NULL;
}

static void put(const void *bytes, size_t size)
{
	const char *at = bytes;
	while (size > 0) {
		ssize_t done = syscall(SYS_write, out, at, size);
		if (done <= 0)
			abort();
		at += done;
		size -= (size_t)done;
	}
}

static void note(char kind, const char *name, uint64_t offset, uint64_t length, const void *bytes)
{
	if (out < 0) {
		out = (int)syscall(SYS_openat, AT_FDCWD, getenv("POWER_CUT_LOG"), O_WRONLY | O_CREAT | O_APPEND, 0600);
		if (out < 0)
			abort();
	}
	unsigned char head[19];
	uint16_t size = (uint16_t)strlen(name);
	head[0] = (unsigned char)kind;
	memcpy(head + 1, &size, 2);
	memcpy(head + 3, &offset, 8);
	memcpy(head + 11, &length, 8);
	put(head, sizeof head);
	put(name, size);
	if (bytes)
		put(bytes, length);
}

static void opened(int fd, const char *path)
{
	char whole[PATH_MAX];
	const char *name = inside(path, whole);
	if (fd < 0 || fd >= FILES)
		return;
	pthread_mutex_lock(&turn);
	free(name_of[fd]);
	name_of[fd] = name ? strdup(name) : NULL;
	pthread_mutex_unlock(&turn);
}

static int open_at(int folder, const char *path, int flags, mode_t mode)
{
	int fd = (int)syscall(SYS_openat, folder, path, flags, mode);
	opened(fd, path);
	return fd;
}

#define MODE(flags, last) \
	mode_t mode = 0; \
	if ((flags) & (O_CREAT | O_TMPFILE)) { \
		va_list rest; \
		va_start(rest, last); \
		mode = va_arg(rest, mode_t); \
		va_end(rest); \
	}

int open(const char *path, int flags, ...) { MODE(flags, flags) return open_at(AT_FDCWD, path, flags, mode); }
int open64(const char *path, int flags, ...) { MODE(flags, flags) return open_at(AT_FDCWD, path, flags | O_LARGEFILE, mode); }
int openat(int folder, const char *path, int flags, ...) { MODE(flags, flags) return open_at(folder, path, flags, mode); }
int openat64(int folder, const char *path, int flags, ...) { MODE(flags, flags) return open_at(folder, path, flags | O_LARGEFILE, mode); }

int close(int fd)
{
	opened(fd, NULL);
	return (int)syscall(SYS_close, fd);
}

static ssize_t written(int fd, const void *bytes, size_t size, off64_t offset)
{
	pthread_mutex_lock(&turn);
	const char *name = fd >= 0 && fd < FILES ? name_of[fd] : NULL;
	off64_t at = offset;
	if (name && at < 0)
		at = (off64_t)syscall(SYS_lseek, fd, 0, SEEK_CUR);
	ssize_t done = offset < 0 ? syscall(SYS_write, fd, bytes, size) : syscall(SYS_pwrite64, fd, bytes, size, offset);
	if (name && done > 0)
		note('w', name, (uint64_t)at, (uint64_t)done, bytes);
	pthread_mutex_unlock(&turn);
	return done;
}

ssize_t write(int fd, const void *bytes, size_t size)
{
	if (fd < 0 || fd >= FILES || !name_of[fd])
		return syscall(SYS_write, fd, bytes, size);
	return written(fd, bytes, size, -1);
}

ssize_t pwrite(int fd, const void *bytes, size_t size, off_t offset) { return written(fd, bytes, size, offset); }
ssize_t pwrite64(int fd, const void *bytes, size_t size, off64_t offset) { return written(fd, bytes, size, offset); }

static int noted(char kind, int fd, uint64_t length, long done)
{
	if (done == 0 && fd >= 0 && fd < FILES && name_of[fd])
		note(kind, name_of[fd], 0, length, NULL);
	return (int)done;
}

#define WITH_TURN(call) \
	pthread_mutex_lock(&turn); \
	int result = call; \
	pthread_mutex_unlock(&turn); \
	return result;

int ftruncate(int fd, off_t length) { WITH_TURN(noted('t', fd, (uint64_t)length, syscall(SYS_ftruncate, fd, length))) }
int ftruncate64(int fd, off64_t length) { WITH_TURN(noted('t', fd, (uint64_t)length, syscall(SYS_ftruncate, fd, length))) }
int fsync(int fd) { WITH_TURN(noted('s', fd, 0, syscall(SYS_fsync, fd))) }
int fdatasync(int fd) { WITH_TURN(noted('s', fd, 0, syscall(SYS_fdatasync, fd))) }

int unlink(const char *path)
{
	char whole[PATH_MAX];
	const char *name = inside(path, whole);
	pthread_mutex_lock(&turn);
	int done = (int)syscall(SYS_unlinkat, AT_FDCWD, path, 0);
	if (done == 0 && name)
		note('u', name, 0, 0, NULL);
	pthread_mutex_unlock(&turn);
	return done;
}
