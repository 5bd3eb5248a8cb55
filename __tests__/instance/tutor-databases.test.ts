import { ConfigFile } from '../../src/instance/config/config-file.ts';
import { ownServers } from '../../src/instance/tutor-databases.ts';

const decide = (text: string, hasEnvironment: boolean) => {
  const config = ConfigFile.parse(new TextEncoder().encode(text), 'instances/a/config.yml');
  const { additions, warnings } = ownServers(config, hasEnvironment);
  return { additions: [...additions], warnings: warnings.length, first: warnings[0] ?? '' };
};

describe("Tutor's own database servers", () => {
  it('are switched off where nothing was built yet', () => {
    expect(decide('A: b\n', false)).toMatchObject({
      additions: [
        ['RUN_MYSQL', false],
        ['RUN_MONGODB', false],
      ],
      warnings: 0,
    });
  });

  it('are never switched off where they may run', () => {
    expect(decide('A: b\n', true)).toMatchObject({ additions: [], warnings: 2 });
    expect(decide('A: b\n', true).first).toMatch(/RUN_MYSQL is not set, which means true.*set RUN_MYSQL: false\.$/);
  });

  it.each([true, false])('that config.yml wants are a warning (built: %s)', (isBuilt) => {
    const wanted = decide('RUN_MYSQL: true\nRUN_MONGODB: yes\n', isBuilt);
    expect(wanted).toMatchObject({ additions: [], warnings: 2 });
    expect(wanted.first).toContain('RUN_MYSQL is true');
  });

  // As `bool(value)` of Python after Tutor's render_unknown: a text that is not empty is true, whatever it says.
  it.each([
    ['true', 'is true'],
    ['yes', 'is true'],
    ['on', 'is true'],
    ['"true"', 'is the text "true", which Tutor takes for true'],
    ['"false"', 'is the text "false", which Tutor takes for true'],
    ["'no'", 'is the text "no", which Tutor takes for true'],
    ['None', 'is the text "None", which Tutor takes for true'],
    ['1', 'is neither true nor false, which Tutor takes for true'],
    ['[mysql]', 'is neither true nor false, which Tutor takes for true'],
    ['"{{ RUN_SERVERS }}"', 'is the text "{{ RUN_SERVERS }}", which Tutor takes for true'],
  ])('that Tutor runs by the value %s are a warning, and stay as they are', (value, said) => {
    for (const isBuilt of [true, false]) {
      const { additions, warnings, first } = decide(`RUN_MYSQL: ${value}\nRUN_MONGODB: false\n`, isBuilt);
      expect({ additions, warnings }).toEqual({ additions: [], warnings: 1 });
      expect(first).toContain(`RUN_MYSQL ${said}: Tutor runs its own MySQL server`);
    }
  });

  it.each(['false', 'no', 'off', 'null', '~', '', '""', '0', '[]', '{}'])(
    'that Tutor does not run by the value %j are nothing to mention, and stay as they are',
    (value) => {
      for (const isBuilt of [true, false]) {
        const decided = decide(`RUN_MYSQL: ${value}\nRUN_MONGODB: ${value}\n`, isBuilt);
        expect(decided).toMatchObject({ additions: [], warnings: 0 });
      }
    },
  );
});
