import { classify } from '../../src/repository/refusals.ts';
import { withoutCredentials } from '../../src/repository/words.ts';
import { REFUSAL_TEXTS, UNBLOCK } from './refusal-texts.ts';

const TARGET = { url: 'https://git.example.org/org/cluster.git', branch: 'main' };
const codeOf = (stderr: string) => classify(stderr, TARGET).error.code;

describe('what a git host answers', () => {
  it.each(REFUSAL_TEXTS)('is $code, retried: $isRetried ($source)', ({ stderr, code, isRetried }) => {
    const { error, isTransient } = classify(stderr, TARGET);
    expect({ code: error.code, isRetried: isTransient }).toEqual({ code, isRetried });
    expect(error.remedy).toBeTruthy();
    expect(error.message).not.toContain('failed to push some refs');
  });

  it('has an own remedy for each code', () => {
    const remedies = new Map(REFUSAL_TEXTS.map(({ stderr, code }) => [code, classify(stderr, TARGET).error.remedy]));
    expect(REFUSAL_TEXTS.length).toBeGreaterThanOrEqual(40);
    expect(remedies.size).toBeGreaterThanOrEqual(18);
  });

  it('with a link that allows a secret names the link first', () => {
    const { error } = classify(REFUSAL_TEXTS[0]?.stderr ?? '', TARGET);
    expect(error.remedy?.startsWith(`${UNBLOCK}: allow the secret there`)).toBe(true);
  });

  it('is not taken for what a branch or a repository is called', () => {
    for (const name of ['archived', 'read-only', 'protected-branch', 'commit_refs', '429', 'GH006', 'hook-declined']) {
      const stderr = `To https://git.example.org/org/${name}.git\n ! [rejected] 3f7 -> ${name} (fetch first)\n`;
      expect(codeOf(stderr)).toBe('push-outrun');
      expect(codeOf(`fatal: repository 'https://git.example.org/org/${name}.git/' not found`)).toBe(
        'repository-not-found',
      );
      expect(codeOf(`fatal: something new in refs/heads/${name}`)).toBe('push-failed');
    }
  });

  it('is quoted without credentials, and not at any length', () => {
    const { error } = classify(`fatal: https://user:secret-8@h/x\n${'word '.repeat(9_000)}end`, TARGET);
    expect(error.message).not.toContain('secret-8');
    expect(error.message.length).toBeLessThan(1_300);
    expect(error.message.endsWith('end')).toBe(true);
    const token = `ghp_${'a'.repeat(700)}`;
    expect(classify(`fatal: ${token} ${token}`, TARGET).error.message).not.toContain('ghp_aaa');
  });

  it.each([
    'a',
    'https://',
    'https://a@',
    ' ',
    '\n',
    '\r',
    'remote: ',
    'permission to ',
    'repository ',
    ' ! [remote rejected] ',
    "author '",
    'was committed by ',
    'connection to ',
    'file name ',
    'would exceed the ',
    'error: ',
    'https://a/unblock-secret/',
    '—',
  ])('is read within a second at 1 MiB of %j', (part) => {
    const text = part.repeat(Math.ceil(2 ** 20 / part.length));
    const start = process.cpuUsage();
    classify(text, TARGET);
    withoutCredentials(text);
    expect(process.cpuUsage(start).user).toBeLessThan(1_000_000);
  });
});
