interface ImportMetaEnv {
  readonly VITE_YARDARM_URL: string;
  readonly VITE_YARDARM_KEY: string;
}
