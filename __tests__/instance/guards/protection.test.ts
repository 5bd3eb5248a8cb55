import { requireUnprotected } from '../../../src/instance/guards/guards.ts';

const check = (text: string | undefined) =>
  requireUnprotected(text === undefined ? undefined : Buffer.from(text), 'instances/school/config.yml', 'school');

describe('an instance that is protected', () => {
  it.each(['true', '"true"', 'True'])('is not deprovisioned: %s', (value) => {
    expect(() => check(`LAUNCHPAD_PROTECTED: ${value}\n`)).toThrow(
      expect.objectContaining({
        code: 'instance-protected',
        message: 'Instance school is protected: instances/school/config.yml has LAUNCHPAD_PROTECTED: true.',
        remedy: expect.stringContaining('remove LAUNCHPAD_PROTECTED from instances/school/config.yml'),
      }),
    );
  });

  it.each([undefined, 'A: 1\n', 'LAUNCHPAD_PROTECTED: false\n', 'LAUNCHPAD_PROTECTED:\n'])(
    'one that is not: %j',
    (text) => {
      expect(() => check(text)).not.toThrow();
    },
  );

  it.each(['maybe', '[true]', 'yes'])('a value that is neither true nor false stops the run: %s', (value) => {
    expect(() => check(`LAUNCHPAD_PROTECTED: ${value}\n`)).toThrow(expect.objectContaining({ code: 'config-invalid' }));
  });
});
