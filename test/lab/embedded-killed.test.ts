import { killedAt, tellingTransitions } from './embedded/killed.ts';

killedAt(tellingTransitions);
