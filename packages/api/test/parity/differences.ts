/** Where this package differs from Prefect on purpose. The README lists these very sentences. */
export const differences = {
  'no-address':
    'No address, an empty one, or one that an unknown profile should have is an error that names the place. Prefect starts a temporary server.',
  'profiles-path':
    'The path of the profiles file is expanded once (`~`, `$PREFECT_HOME`; an empty one is none), and serves for the name and the values of the profile. Prefect looks for the two in different files.',
  'built-in-profiles':
    "Where the profiles file does not exist, Prefect's built-in profiles have their values. In Prefect they have none once `PREFECT_HOME` or `PREFECT_PROFILES_PATH` is set.",
  'checked-address':
    'The address is checked (http or https, no `?` or `#`) and normalised: user and password are taken out, and slashes at its end.',
  'checked-credentials': 'A line break or NUL in a key is an error, as it is in a header.',
  'checked-headers':
    'Header names are checked and in lower case; those that frame a message (`Content-Length`, `Connection` and so on) are an error; those that this client sets itself are left out with a warning.',
  'positive-numbers':
    'A timeout or log size has to be above 0, and no number may be too large to be exact. Prefect takes any.',
  'lenient-profiles':
    'A byte order mark in a TOML file does not matter, and `PREFECT_API` and its like in a profile count without a warning that they do not.',
  'read-settings':
    'Only the settings above are read. A value that Prefect would refuse elsewhere (`PREFECT_SERVER_API_PORT=x`) does not matter, nor does a profile that is not the active one.',
  'no-null':
    'The text `null` is no list of statuses and no object of headers: an error. Prefect takes such a variable for absent.',
} as const

/** The name of a difference. */
export type DifferenceId = keyof typeof differences
