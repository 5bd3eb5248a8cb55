import { SERVERS } from './cases/servers.ts';
import { testFaults } from './run-case.ts';

await testFaults(SERVERS);
