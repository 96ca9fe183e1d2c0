{{- define "exhume.labels" -}}
app.kubernetes.io/name: exhume
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "exhume.image" -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end }}

{{- define "exhume.gpuImage" -}}
{{ .Values.image.repository }}:{{ .Values.image.gpuTag | default (printf "%s-cuda" (.Values.image.tag | default .Chart.AppVersion)) }}
{{- end }}

{{- define "exhume.pod" -}}
serviceAccountName: {{ .Release.Name }}
automountServiceAccountToken: false
enableServiceLinks: false
{{- with .Values.imagePullSecrets }}
imagePullSecrets: {{- toYaml . | nindent 2 }}
{{- end }}
securityContext:
  runAsNonRoot: true
  runAsUser: 10001
  runAsGroup: 10001
  fsGroup: 10001
  seccompProfile: {type: RuntimeDefault}
{{- end }}

{{- define "exhume.container" -}}
imagePullPolicy: {{ .Values.image.pullPolicy }}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities: {drop: [ALL]}
{{- end }}

{{- define "exhume.environment" -}}
{{- range list "DATABASE_URL" "REDIS_URL" "EXHUME_SECRET_KEY" }}
- name: {{ . }}
  valueFrom: {secretKeyRef: {name: {{ $.Values.secret.name }}, key: {{ . }}}}
{{- end }}
{{- range .Values.secret.optional }}
- name: {{ . }}
  valueFrom: {secretKeyRef: {name: {{ $.Values.secret.name }}, key: {{ . }}, optional: true}}
{{- end }}
{{- if .Values.secret.wrappingKeys }}
- {name: EXHUME_WRAPPING_KEY_FILE, value: /etc/exhume/keys}
{{- end }}
- {name: EXHUME_STORE_URL, value: {{ required "store: set the address of the object store, s3://bucket/prefix" .Values.store | quote }}}
- {name: EXHUME_DATA_DIR, value: /var/lib/exhume}
- {name: EXHUME_ALLOWED_HOSTS, value: {{ .Values.allowedHosts | toJson | quote }}}
- {name: EXHUME_TRUSTED_PROXIES, value: {{ .Values.trustedProxies | toJson | quote }}}
{{- with .Values.publicUrl }}
- {name: EXHUME_PUBLIC_URL, value: {{ . | quote }}}
{{- end }}
- {name: HOME, value: /tmp}
{{- range $name, $value := .Values.environment }}
- {name: {{ $name }}, value: {{ $value | quote }}}
{{- end }}
{{- end }}

{{- define "exhume.mounts" -}}
- {name: data, mountPath: /var/lib/exhume}
- {name: tmp, mountPath: /tmp}
{{- if .Values.secret.wrappingKeys }}
- {name: keys, mountPath: /etc/exhume, readOnly: true}
{{- end }}
{{- end }}

{{- define "exhume.volumes" -}}
- name: data
  emptyDir: {sizeLimit: 1Gi}
{{- if .Values.secret.wrappingKeys }}
- name: keys
  secret: {secretName: {{ .Values.secret.wrappingKeys }}, defaultMode: 0440}
{{- end }}
{{- end }}
