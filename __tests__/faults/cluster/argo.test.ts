import { ALONE } from '../cases/cluster.ts';
import { testFaults } from '../run-case.ts';

await testFaults(ALONE, { isAlone: true });
