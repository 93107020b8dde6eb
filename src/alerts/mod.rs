//! Verbs on alerts: rule kinds, one file each, and the lifecycle that knows no kinds. Depends on the domain only.
