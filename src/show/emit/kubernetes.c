/* kubernetes.c - target kubernetes: a Deployment, or a LeaderWorkerSet where a replica spans nodes, its Service, probes, budget
** and autoscaler.
**
** Devices are asked for by the name that the vendor's device plugin gives them, and nodes are chosen by the label its feature
** discovery puts there, where the label of a device is known.
*/
#include <string.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/note.h"
#include "show/emit.h"

/* Resource of a vendor's device plugin, as its documentation names it, and the label of the product. */
static const struct plugin { const char *software, *resource, *label; } plugins[] = {
    {"CUDA", "nvidia.com/gpu", "nvidia.com/gpu.product"},          /* NVIDIA/k8s-device-plugin, gpu-feature-discovery */
    {"ROCm", "amd.com/gpu", "amd.com/gpu.product-name"},           /* ROCm/k8s-device-plugin, node labeller */
    {"SynapseAI", "habana.ai/gaudi", NULL},                        /* docs.habana.ai, Kubernetes device plugin */
    {"XLA", "google.com/tpu", "cloud.google.com/gke-tpu-accelerator"},     /* cloud.google.com/kubernetes-engine, TPUs in GKE */
    {"Neuron", "aws.amazon.com/neuron", NULL},                     /* awsdocs-neuron, Kubernetes environment */
    {"CANN", "huawei.com/Ascend910", NULL},                        /* Ascend device plugin */
    {"oneAPI", "gpu.intel.com/xe", NULL},                          /* intel-device-plugins-for-kubernetes */
};

/* What feature discovery calls a product: the driver's name with dashes for blanks (gpu-feature-discovery, README), the
** labeller's with underscores; GKE's names are in its documentation. */
static const struct product { const char *id, *label; } products[] = {
    {"a10", "NVIDIA-A10"},
    {"a100-sxm-40", "NVIDIA-A100-SXM4-40GB"},
    {"a100-sxm-80", "NVIDIA-A100-SXM4-80GB"},
    {"a100-pcie-80", "NVIDIA-A100-80GB-PCIe"},
    {"b200", "NVIDIA-B200"},
    {"gb200", "NVIDIA-GB200"},
    {"h100-nvl-94", "NVIDIA-H100-NVL"},
    {"h100-pcie-80", "NVIDIA-H100-PCIe"},
    {"h100-sxm-80", "NVIDIA-H100-80GB-HBM3"},
    {"h200-sxm-141", "NVIDIA-H200"},
    {"l4", "NVIDIA-L4"},
    {"l40", "NVIDIA-L40"},
    {"l40s", "NVIDIA-L40S"},
    {"mi300x", "AMD_Instinct_MI300X_OAM"},
    {"mi325x", "AMD_Instinct_MI325X_OAM"},
    {"rtx-4090", "NVIDIA-GeForce-RTX-4090"},
    {"t4", "Tesla-T4"},
    {"tpu-v5e", "tpu-v5-lite-podslice"},
    {"tpu-v5p", "tpu-v5p-slice"},
    {"tpu-v6e", "tpu-v6e-slice"},
    {"v100-sxm-32", "Tesla-V100-SXM2-32GB"},
};

static const struct plugin *plugin_of(const struct emit_plan *p)
{
    for (size_t i = 0; i < sizeof plugins / sizeof *plugins; i++)
        if (p->acc->software && strncmp(plugins[i].software, p->acc->software, strlen(plugins[i].software)) == 0)
            return &plugins[i];
    return NULL;
}

static const char *product_of(const struct emit_plan *p)
{
    for (size_t i = 0; i < sizeof products / sizeof *products; i++)
        if (strcmp(products[i].id, p->acc->card ? p->acc->card->id : p->acc->id) == 0)
            return products[i].label;
    return NULL;
}

/* Lines, each behind the same indent. */
static void lines(struct buf *b, const char *indent, const char *text)
{
    while (*text) {
        size_t n = strcspn(text, "\n");
        buf_add(b, indent);
        buf_addn(b, text, n);
        buf_add(b, "\n");
        text += n + (text[n] == '\n');
    }
}

/* The pod's template, from `spec:` on. serves: it answers requests (a worker of a group does not). */
static void pod(struct buf *out, const struct emit_plan *p, const char *indent, const char *node, bool serves)
{
    struct buf text = {.arena = p->arena}, *b = &text;
    const struct plugin *plugin = plugin_of(p);
    const char *product = plugin->label ? product_of(p) : NULL;
    /* nvidia.com/mig-3g.40gb: an instance, under the plugin's MIG strategy "mixed" (NVIDIA/k8s-device-plugin) */
    const char *mig = mig_profile_of(p->acc), *resource = mig ? arena_printf(p->arena, "nvidia.com/mig-%s", mig) : plugin->resource;
    struct emit_words w = emit_command(p, node, node ? "$(LWS_LEADER_ADDRESS)" : NULL);
    if (product)
        buf_fmt(b, "nodeSelector:\n  %s: \"%s\"\n", plugin->label, product);
    buf_fmt(b, "tolerations:\n  - key: %s\n    operator: Exists\n    effect: NoSchedule\n", plugin->resource);
    buf_fmt(b, "containers:\n  - name: server\n    image: %s\n    command:\n", p->image);
    emit_yaml_list(b, &w, "      ");
    buf_fmt(b, "    env:\n      - name: HF_TOKEN\n        valueFrom:\n          secretKeyRef:\n            name: hf-token\n            key: token\n"
               "            optional: true\n");
    buf_fmt(b, "    resources:\n      limits:\n        %s: %d\n", resource, p->node_devices);
    if (serves)
        buf_fmt(b, "    ports:\n      - name: http\n        containerPort: %s\n"
                   "    startupProbe:\n      httpGet:\n        path: %s\n        port: http\n      periodSeconds: 10\n      failureThreshold: %d\n"
                   "    readinessProbe:\n      httpGet:\n        path: %s\n        port: http\n      periodSeconds: 5\n      failureThreshold: 3\n"
                   "    livenessProbe:\n      httpGet:\n        path: %s\n        port: http\n      periodSeconds: 10\n      timeoutSeconds: 10\n"
                   "      failureThreshold: 6\n",
                p->port, p->engine->health, (emit_load_s(p) + 9) / 10, p->engine->health, p->engine->health);
    buf_add(b, "    volumeMounts:\n      - name: shm\n        mountPath: /dev/shm\n      - name: models\n        mountPath: /root/.cache/huggingface\n");
    if (p->engine->extra)
        buf_add(b, "      - name: extra\n        mountPath: /etc/moat\n");
    buf_fmt(b, "volumes:\n  - name: shm\n    emptyDir:\n      medium: Memory\n  - name: models\n    persistentVolumeClaim:\n      claimName: %s-models\n",
            p->name);
    if (p->engine->extra)
        buf_fmt(b, "  - name: extra\n    configMap:\n      name: %s-extra\n", p->name);
    lines(out, indent, buf_str(b));
}

static void deployment(struct buf *b, const struct emit_plan *p)
{
    buf_fmt(b, "---\napiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: %s\n  labels:\n    app: %s\nspec:\n", p->name, p->name);
    buf_fmt(b, "  replicas: %d\n  selector:\n    matchLabels:\n      app: %s\n  strategy:\n    rollingUpdate:\n      maxSurge: 0\n      maxUnavailable: 1\n",
            p->replicas, p->name);
    buf_fmt(b, "  template:\n    metadata:\n      labels:\n        app: %s\n    spec:\n", p->name);
    pod(b, p, "      ", NULL, true);
}

static void group(struct buf *b, const struct emit_plan *p)
{
    buf_fmt(b, "---\napiVersion: leaderworkerset.x-k8s.io/v1\nkind: LeaderWorkerSet\nmetadata:\n  name: %s\n  labels:\n    app: %s\nspec:\n",
            p->name, p->name);
    buf_fmt(b, "  replicas: %d\n  leaderWorkerTemplate:\n    size: %d\n    restartPolicy: RecreateGroupOnPodRestart\n", p->replicas, p->nodes);
    buf_fmt(b, "    leaderTemplate:\n      metadata:\n        labels:\n          app: %s\n          role: leader\n      spec:\n", p->name);
    pod(b, p, "        ", "$(LWS_WORKER_INDEX)", true);
    buf_fmt(b, "    workerTemplate:\n      metadata:\n        labels:\n          app: %s\n          role: worker\n      spec:\n", p->name);
    pod(b, p, "        ", "$(LWS_WORKER_INDEX)", false);
}

static void service(struct buf *b, const struct emit_plan *p)
{
    buf_fmt(b, "---\napiVersion: v1\nkind: Service\nmetadata:\n  name: %s\nspec:\n  selector:\n    app: %s\n%s  ports:\n    - name: http\n      port: 80\n"
               "      targetPort: http\n", p->name, p->name, p->nodes > 1 ? "    role: leader\n" : "");
}

static void claim(struct buf *b, const struct emit_plan *p)
{
    double gib = 2 * p->weights_bytes / 1073741824.0;
    buf_fmt(b, "---\n# Weights are read by every replica: the storage class must allow many readers.\n"
               "apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata:\n  name: %s-models\nspec:\n  accessModes: [ReadWriteMany]\n  resources:\n"
               "    requests:\n      storage: %.0fGi\n", p->name, gib < 10 ? 10 : gib);
}

/* From what the plan needs to what it needs if the device is as slow as the interval allows. */
static void autoscaler(struct buf *b, const struct emit_plan *p)
{
    bool lws = p->nodes > 1;
    buf_fmt(b, "---\n# Between the replicas that the prediction asks for and those its slow end does. The metric needs an adapter for the\n"
               "# engine's own metrics (Prometheus adapter, KEDA).\n"
               "apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata:\n  name: %s\nspec:\n  scaleTargetRef:\n    apiVersion: %s\n"
               "    kind: %s\n    name: %s\n", p->name, lws ? "leaderworkerset.x-k8s.io/v1" : "apps/v1", lws ? "LeaderWorkerSet" : "Deployment", p->name);
    buf_fmt(b, "  minReplicas: %d\n  maxReplicas: %d\n  metrics:\n    - type: Pods\n      pods:\n        metric:\n          name: %s\n        target:\n"
               "          type: AverageValue\n          averageValue: \"1\"\n", p->replicas, p->replicas_robust,
            p->engine == &emit_sglang ? "sglang:num_queue_reqs" : "vllm:num_requests_waiting");
}

static void budget(struct buf *b, const struct emit_plan *p)
{
    buf_fmt(b, "---\napiVersion: policy/v1\nkind: PodDisruptionBudget\nmetadata:\n  name: %s\nspec:\n  minAvailable: %d\n  selector:\n    matchLabels:\n"
               "      app: %s\n", p->name, (p->replicas - p->spares) * p->nodes, p->name);
}

static bool can(const struct emit_plan *p, struct err *e)
{
    if (!plugin_of(p))
        return err_input(e, p->file, "no Kubernetes device plugin is known for %s (%s)", p->acc->id, p->acc->software);
    if (p->nodes > 1 && !p->engine->spans_nodes) {
        err_input(e, p->file, "a replica spans %d hosts, and %s starts over several only under MPI", p->nodes, p->engine->help);
        return err_mend(e, "use --target slurm");
    }
    if (p->image)
        return true;
    err_input(e, p->file, "no image of %s for %s is known", p->engine->help, p->acc->software);
    return err_mend(e, "name one with --image");
}

static bool write(const struct emit_plan *given, struct emit_files *out, struct notes *notes, struct err *e)
{
    struct emit_plan plan = *given, *p = &plan;
    if (!can(p, e))
        return false;
    if (plugin_of(p)->label && !product_of(p))
        note_add(notes, "the label that nodes with %s carry is not known: add a nodeSelector", p->acc->id);
    p->extra = "/etc/moat/extra.yaml";
    struct buf *b = emit_add(out, "service.yaml", false);
    emit_head(b, p, "#");
    if (p->engine->extra) {
        struct buf extra = {.arena = p->arena};
        p->engine->extra(p, &extra);
        buf_fmt(b, "---\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: %s-extra\ndata:\n  extra.yaml: |\n", p->name);
        lines(b, "    ", buf_str(&extra));
    }
    claim(b, p);
    if (p->nodes > 1)
        group(b, p);
    else
        deployment(b, p);
    service(b, p);
    if (p->spares)
        budget(b, p);
    if (p->replicas_robust > p->replicas && p->engine != &emit_trtllm)
        autoscaler(b, p);
    emit_bench(p, "http://localhost:8080", out);
    return true;
}

extern const struct emit_target emit_target_kubernetes;
const struct emit_target emit_target_kubernetes = {
    .name = "kubernetes", .help = "service.yaml: replicas, service, probes, disruption budget, autoscaler; and bench.sh",
    .source = "https://kubernetes.io/docs/reference/kubernetes-api/; https://lws.sigs.k8s.io/docs/reference/", .write = write,
};
