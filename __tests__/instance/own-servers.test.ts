import { ConfigFile } from '../../src/instance/config/config-file.ts';
import { ownServers } from '../../src/instance/own-servers.ts';

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

  it('that config.yml refuses are nothing to mention', () => {
    expect(decide('RUN_MYSQL: false\nRUN_MONGODB: "false"\n', true)).toMatchObject({ additions: [], warnings: 0 });
  });
});
