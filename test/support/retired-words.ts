/** A word that this project used for something which has a term of its own. */
export interface RetiredWord {
  /** Matches the word wherever it stands: in prose, in an identifier, in a file's name. */
  readonly word: RegExp;
  /** What is said instead; docs/glossary.md says what that is. */
  readonly term: string;
  /** Beginnings of paths where the word means something else, or has to stay. */
  readonly except?: readonly string[];
}

/** What a version before has left on hosts must be found by the names that it gave. */
const NAMES_ON_HOSTS = ['src/engine/rollback/names-on-host.ts'];
/** A person's answers, which are taken back until the inventory is written. */
const INTERVIEW = ['src/wizard/', 'src/cli/init/'];

/** Add a word here once it is gone. */
export const RETIRED_WORDS: readonly RetiredWord[] = [
  { word: /surroundings/i, term: 'context' },
  { word: /\bwish\b|RulesWish/, term: 'aim', except: ['docs/faults.md'] },
  { word: /gainAccess/, term: 'openAccess' },
  { word: /Looking at /, term: 'probe' },
  { word: /\bwishes\b/i, term: 'options' },
  { word: /reviv(e|ing|al)/i, term: 'make from spec' },
  { word: /backward/i, term: 'undo' },
  { word: /planReverts|\bReverts\b|leftBehind/, term: 'undo' },
  {
    word: /\b(take|takes|taken|taking|took)( (it|them|this|that|all|everything|[\w-]+ [\w-]+))? back\b/i,
    term: 'undo, roll back, or tear down',
    except: INTERVIEW,
  },
  {
    word: /\brevert(s|ed|ing)?\b/i,
    term: 'roll back',
    except: ['src/engine/rollback/', 'src/engine/detached/job-script.ts'],
  },
  { word: /RevertedError|E_REVERTED/, term: 'RolledBackError, E_ROLLED_BACK' },
  { word: /undecided/i, term: 'pending', except: NAMES_ON_HOSTS },
  { word: /decidedFolder|lvslab_decided|PREFIX\.(draft|decided)/, term: 'end of a change' },
  { word: /\bunder-?\s?way\b/i, term: 'running' },
  { word: /testimon|\btall(y|ies)|[a-z]Tally/i, term: 'evidence, count' },
  { word: /witness/i, term: 'source' },
  { word: /interlocutor|lookAtHost|LookedAt|look-at-host|looked-at\./, term: 'probe' },
  { word: /\btrials?\b|TrialPlaces|LeftTrials/i, term: 'pending change' },
  { word: /guarded-?step|boot-?guard/i, term: 'commit-confirmed step, boot roll-back' },
  { word: /RunFollower|HostRuns|FoundRun|RunSummary|RunLine|RunAbout|runFolder/, term: 'job' },
  { word: /E_RUN_CUT_OFF|RunCutOff/, term: 'JobCutOffError, E_JOB_CUT_OFF' },
  { word: /left[ -]?runs?\b|attended/i, term: 'orphaned job' },
  { word: /\bpick(s|ed|ing)? (it|them|the (run|job)) up\b|picked up/i, term: 'adopt' },
  { word: /\bdesired\b|withPast|undoLast/, term: 'aim' },
  { word: /LastingConnection|StateFolders/, term: 'RenewableConnection, StatePaths' },
];
