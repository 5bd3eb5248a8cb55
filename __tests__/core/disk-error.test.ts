import { mkdir, open } from 'node:fs/promises';
import { cannotWrite, diskError } from '../../src/core/disk-error.ts';
import { LaunchpadError } from '../../src/core/errors.ts';
import { failureCodeOf, failuresOf } from '../../src/operations/outcome/failure.ts';

const systemError = (code: string) =>
  Object.assign(new Error(`${code}: it failed`), { code, syscall: 'write', path: '/work/file' });

describe('a file that cannot be written', () => {
  it.each([
    ['ENOSPC', 'no space is left on its disk', 'Free space on the disk of /work/file'],
    ['EDQUOT', 'the disk quota is used up', 'raise the disk quota for /work/file'],
    ['EROFS', 'its file system is read-only', 'Mount /work/file'],
    ['EACCES', 'permission denied', 'permission to write /work/file'],
    ['EPERM', 'operation not permitted', 'permission to write /work/file'],
  ])('is one clear error with the path and what to do: %s', (code, why, remedy) => {
    const error = systemError(code);
    expect(diskError(error)?.message).toBe(`Cannot write /work/file: ${why}.`);
    expect(failureCodeOf(error)).toBe('disk-failed');
    expect(failuresOf(error)).toMatchObject([{ remedy: expect.stringContaining(remedy) }]);
  });

  it('is named by what is known of it where the operating system names no path', async () => {
    const full = await open('/dev/full', 'w');
    const error: unknown = await full.writeFile('x').catch((thrown: unknown) => thrown);
    await full.close();
    expect(diskError(error)?.message).toBe(
      'Cannot write the temporary directory (TMPDIR) or the checkout: no space is left on its disk.',
    );
    expect(cannotWrite('/out (GITHUB_OUTPUT)', error).remedy).toContain('disk of /out (GITHUB_OUTPUT)');
  });

  it('is told where several things failed', async () => {
    const error = await mkdir('/proc/x').catch((thrown: unknown) => thrown);
    expect(failuresOf(new AggregateError([systemError('ENOSPC'), error], 'two'))).toHaveLength(2);
  });

  it.each([
    ['another error of the operating system', systemError('ECONNREFUSED')],
    ['an answer of a server with such a code', Object.assign(new Error('no'), { code: 'EACCES' })],
    ['an error that is explained already', new LaunchpadError('push-denied', 'no')],
    ['no error', undefined],
  ])('is not %s', (_, error) => {
    expect(diskError(error)).toBeUndefined();
  });
});
