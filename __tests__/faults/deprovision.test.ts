import { DEPROVISION } from './cases/deprovision.ts';
import { testFaults } from './run-case.ts';

await testFaults(DEPROVISION);
