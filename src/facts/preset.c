/* preset.c - quantiles of prompt and output lengths, rates and burstiness of published traces.
**
** Lengths are drawn by inverse transform, linear between the quantiles and each on its own: the measured correlation
** of prompt and output is -0.11 to 0.07 (Azure, Mooncake), so independence is a fair model. Prefix sharing is not carried.
** "measured" in a source means counted on the published rows; "digitised" read off the authors' plots; "sampled" taken
** from a part of the rows; "recall" somebody's memory.
*/
#include "facts/preset.h"

#include <string.h>

#include "facts/traffic.h"

#define ROWS(x) x, sizeof x / sizeof *x

static const struct quantile azure23_conv_in[] = {
    {0, 2}, {0.005, 16}, {0.01, 29}, {0.02, 91}, {0.03, 161}, {0.075, 200}, {0.1, 207}, {0.125, 235}, {0.15, 372},
    {0.35, 414}, {0.375, 428}, {0.4, 703}, {0.425, 922}, {0.45, 984}, {0.5, 1020}, {0.7, 1130}, {0.75, 1189},
    {0.8, 1315}, {0.825, 1434}, {0.9, 2735}, {0.91, 3292}, {0.92, 4073}, {0.99, 4142}, {0.995, 4831}, {0.999, 6212},
    {1, 14050},
};
static const struct quantile azure23_conv_out[] = {
    {0, 7}, {0.005, 14}, {0.01, 16}, {0.03, 32}, {0.05, 41}, {0.175, 72}, {0.3, 91}, {0.4, 103}, {0.475, 120},
    {0.5, 129}, {0.6, 177}, {0.65, 217}, {0.66, 237}, {0.675, 373}, {0.9, 424}, {0.95, 451}, {0.98, 540}, {0.99, 601},
    {0.995, 644}, {0.999, 954}, {1, 1000},
};
/* Requests in each whole minute of the trace over their mean, 331.8: the hour has a hump in the middle. */
static const double azure23_conv_curve[] = {
    0.576, 0.799, 0.992, 1.064, 0.925, 0.823, 0.808, 0.787, 0.970, 0.898, 0.907, 0.910, 1.040, 0.983, 0.853,
    0.841, 0.844, 0.928, 1.034, 1.058, 1.058, 1.034, 1.230, 1.193, 1.163, 1.199, 1.302, 1.447, 1.435, 1.365,
    1.350, 1.528, 1.320, 1.245, 1.275, 1.260, 1.401, 0.937, 0.992, 0.952, 1.004, 1.070, 0.961, 1.085, 1.007,
    1.130, 0.995, 0.750, 0.666, 0.750, 0.799, 0.844, 0.772, 0.766, 0.729, 0.784, 0.741, 0.678,
};

/* The quantiles are those of 335 of the 8,819 rows, read from six stretches of the published file, moved by at most 5 % so
** that the medians are the paper's 1500 and 13. Pauses of 10 to 140 s stand between bursts of about 100 requests. */
static const struct quantile azure23_code_in[] = {
    {0, 3}, {0.02, 17}, {0.05, 71}, {0.1, 118}, {0.15, 163}, {0.2, 270}, {0.25, 465}, {0.3, 730}, {0.4, 1130},
    {0.5, 1500}, {0.6, 2050}, {0.7, 2560}, {0.8, 3170}, {0.85, 3680}, {0.9, 5650}, {0.93, 6540}, {0.95, 7430}, {1, 7437},
};
static const struct quantile azure23_code_out[] = {
    {0, 6}, {0.05, 6}, {0.1, 7}, {0.2, 8.5}, {0.3, 9.5}, {0.4, 11}, {0.5, 13}, {0.6, 16}, {0.7, 19}, {0.75, 23},
    {0.8, 27}, {0.85, 34}, {0.9, 48}, {0.95, 80}, {0.97, 110}, {0.99, 250}, {0.997, 600}, {1, 850},
};

static const struct quantile azure24_code_in[] = {
    {0, 1}, {0.05, 133}, {0.1, 319}, {0.25, 931}, {0.5, 1916}, {0.75, 3326}, {0.8, 3858}, {0.9, 6129}, {0.94, 7600},
    {0.95, 7663}, {1, 7681},
};
/* Below the plot's resolution of 11 tokens at p75 the lower quantiles are those of the 2023 code trace. */
static const struct quantile azure24_code_out[] = {
    {0, 1}, {0.25, 6}, {0.5, 8}, {0.75, 11}, {0.8, 17}, {0.9, 39}, {0.95, 72}, {0.99, 261}, {1, 1000},
};
static const struct quantile azure24_conv_in[] = {
    {0, 1}, {0.05, 204}, {0.1, 293}, {0.25, 541}, {0.5, 905}, {0.75, 2341}, {0.8, 2661}, {0.9, 3761}, {0.95, 4860},
    {0.99, 6643}, {1, 8192},
};
static const struct quantile azure24_conv_out[] = {
    {0, 1}, {0.25, 12}, {0.5, 39}, {0.75, 105}, {0.8, 166}, {0.9, 333}, {0.95, 443}, {0.99, 687}, {1, 1000},
};
static const struct quantile azure25_text_in[] = {
    {0, 1}, {0.05, 137}, {0.1, 177}, {0.25, 370}, {0.5, 784}, {0.75, 1456}, {0.9, 3051}, {0.95, 4156}, {0.99, 14318},
    {1, 36000},
};
static const struct quantile azure25_text_out[] = {
    {0, 1}, {0.05, 1}, {0.1, 8}, {0.25, 26}, {0.5, 146}, {0.75, 219}, {0.9, 471}, {0.95, 756}, {0.99, 1323}, {1, 4000},
};
static const struct quantile mooncake_in[] = {
    {0, 891}, {0.075, 913}, {0.1, 964}, {0.125, 1090}, {0.175, 1442}, {0.2, 1662}, {0.25, 2306}, {0.35, 4250},
    {0.45, 5870}, {0.5, 6909}, {0.6, 9570}, {0.7, 13196}, {0.8, 17869}, {0.85, 21467}, {0.9, 27367}, {0.93, 32406},
    {0.94, 35011}, {0.95, 39552}, {0.97, 52219}, {0.98, 66484}, {0.99, 85401}, {0.995, 100886}, {1, 126195},
};
static const struct quantile mooncake_out[] = {
    {0, 1}, {0.01, 3}, {0.02, 3}, {0.03, 5}, {0.05, 10}, {0.1, 24}, {0.125, 32}, {0.15, 46}, {0.2, 100}, {0.3, 213},
    {0.425, 308}, {0.5, 350}, {0.8, 504}, {0.9, 597}, {0.95, 698}, {0.97, 802}, {0.98, 893}, {0.99, 1120},
    {0.995, 1570}, {0.999, 2000}, {1, 2000},
};
static const struct quantile arxiv_in[] = {
    {0, 1}, {0.005, 31}, {0.01, 73}, {0.02, 229}, {0.03, 429}, {0.05, 747}, {0.075, 1019}, {0.125, 1418}, {0.2, 1802},
    {0.5, 2730}, {0.9, 3702}, {0.99, 3934}, {1, 4054},
};
static const struct quantile arxiv_out[] = {
    {0, 5}, {0.005, 29}, {0.01, 36}, {0.02, 44}, {0.05, 60}, {0.125, 86}, {0.5, 167}, {0.7, 222}, {0.8, 268},
    {0.85, 304}, {0.9, 372}, {0.92, 420}, {0.93, 463}, {0.94, 536}, {0.95, 737}, {0.97, 2206}, {0.99, 3273},
    {0.999, 3845}, {1, 4056},
};
static const struct quantile r1_in[] = {
    {0, 4}, {0.01, 9}, {0.05, 13}, {0.1, 18}, {0.25, 41}, {0.5, 208}, {0.75, 482}, {0.9, 2092}, {0.95, 6714},
    {0.99, 23423}, {0.999, 33783}, {1, 57284},
};
static const struct quantile r1_out[] = {
    {0, 50}, {0.01, 141}, {0.05, 225}, {0.1, 287}, {0.25, 427}, {0.5, 792}, {0.75, 1499}, {0.9, 3432}, {0.95, 5701},
    {0.99, 12607}, {0.999, 20833}, {1, 32768},
};
static const struct quantile qwen_large_in[] = {
    {0, 20}, {0.01, 60}, {0.05, 64}, {0.1, 74}, {0.25, 262}, {0.5, 601}, {0.75, 1073}, {0.9, 2371}, {0.95, 2404},
    {0.99, 5452}, {0.999, 12730}, {1, 30712},
};
static const struct quantile qwen_large_out[] = {
    {0, 1}, {0.1, 1}, {0.25, 8}, {0.5, 53}, {0.75, 208}, {0.9, 461}, {0.95, 539}, {0.99, 872}, {0.999, 1595}, {1, 9307},
};
/* Lognormal through the means of the vLLM paper, 161 and 338, cut at its 1024 tokens: shapes are assumed. */
static const struct quantile sharegpt_in[] = {
    {0, 4}, {0.05, 8}, {0.1, 12}, {0.25, 27}, {0.5, 68}, {0.75, 170}, {0.9, 420}, {0.95, 640}, {0.99, 985}, {1, 1024},
};
static const struct quantile sharegpt_out[] = {
    {0, 4}, {0.05, 20}, {0.1, 45}, {0.25, 130}, {0.5, 280}, {0.75, 490}, {0.9, 690}, {0.95, 820}, {0.99, 1010}, {1, 1024},
};
/* Only the means are published, 67.8 k prompt and 527 output tokens a call: lognormal with a CV of 1 is assumed, cut at
** 200 k tokens of context. */
static const struct quantile agent_in[] = {
    {0, 3000}, {0.05, 13000}, {0.1, 18000}, {0.25, 30500}, {0.5, 54000}, {0.75, 92000}, {0.9, 140000}, {0.95, 168000},
    {0.99, 195000}, {1, 200000},
};
static const struct quantile agent_out[] = {
    {0, 10}, {0.05, 95}, {0.1, 128}, {0.25, 213}, {0.5, 373}, {0.75, 654}, {0.9, 1083}, {0.95, 1464}, {0.99, 2587},
    {1, 6000},
};

const struct preset presets[] = {
    {.name = "azure-2023-conv",
     .help = "chat on Azure, one hour of November 2023: 19,366 requests",
     .source = "Azure/AzurePublicDataset, AzureLLMInferenceTrace_conv (CC-BY 4.0); Splitwise, ISCA 2024; measured",
     .process = "gamma", .rate_s = 5.530, .span_s = 3502, .cv = 1.065,
     .curve = azure23_conv_curve, .ncurve = 58, .cell_s = 3502.0 / 58,
     .in = ROWS(azure23_conv_in), .out = ROWS(azure23_conv_out)},
    {.name = "azure-2023-code",
     .help = "code completion on Azure, one hour of November 2023: 8,819 requests in bursts",
     .source = "Azure/AzurePublicDataset, AzureLLMInferenceTrace_code (CC-BY 4.0); Splitwise, ISCA 2024; rate measured, "
               "lengths and burstiness sampled",
     .process = "on-off", .rate_s = 2.567, .span_s = 3436, .cv = 10.5, .burst_req = 100,
     .in = ROWS(azure23_code_in), .out = ROWS(azure23_code_out)},
    {.name = "azure-2024-conv",
     .help = "chat on Azure, May 2024: mean of a week of 27.3 M requests",
     .source = "Azure/AzurePublicDataset, AzureLLMInferenceDataset2024 (CC-BY 4.0); DynamoLLM, HPCA 2025; digitised, gaps assumed "
               "Poisson, daily shape left out",
     .process = "poisson", .rate_s = 45.14, .span_s = 3600, .cv = 1,
     .in = ROWS(azure24_conv_in), .out = ROWS(azure24_conv_out)},
    {.name = "azure-2024-code",
     .help = "code completion on Azure, May 2024: mean of a week of 16.8 M requests",
     .source = "Azure/AzurePublicDataset, AzureLLMInferenceDataset2024 (CC-BY 4.0); DynamoLLM, HPCA 2025; digitised, gaps assumed "
               "Poisson, daily shape left out",
     .process = "poisson", .rate_s = 27.78, .span_s = 3600, .cv = 1,
     .in = ROWS(azure24_code_in), .out = ROWS(azure24_code_out)},
    {.name = "azure-2025-text",
     .help = "text requests of the multimodal service on Azure, October 2024",
     .source = "Azure/AzurePublicDataset, multimodal trace 2025 (CC-BY 4.0); digitised, rate of all 1.0 M rows over 7 days, gaps "
               "assumed Poisson",
     .process = "poisson", .rate_s = 1.65, .span_s = 3600, .cv = 1,
     .in = ROWS(azure25_text_in), .out = ROWS(azure25_text_out)},
    {.name = "mooncake-conversation",
     .help = "long-context chat at Moonshot, one hour: 12,031 requests, without their prefix sharing",
     .source = "kvcache-ai/Mooncake, FAST25 conversation_trace (Apache-2.0); measured, gaps assumed Poisson (its clock ticks "
               "every 3 s)",
     .process = "poisson", .rate_s = 3.4015, .span_s = 3537, .cv = 1,
     .in = ROWS(mooncake_in), .out = ROWS(mooncake_out)},
    {.name = "arxiv-summarization",
     .help = "summaries of papers, 28,257 lengths; 1 request a second",
     .source = "microsoft/vidur, processed arxiv_summarization (MIT); lengths measured, arrivals assumed Poisson at 1/s",
     .process = "poisson", .rate_s = 1, .span_s = 3600, .cv = 1,
     .in = ROWS(arxiv_in), .out = ROWS(arxiv_out)},
    {.name = "deepseek-r1-reasoning",
     .help = "reasoning with DeepSeek-R1 at Alibaba: short prompts, long thoughts",
     .source = "alibaba/ServeGen (Apache-2.0); lengths and rate measured over one day, CV the median of its clients",
     .process = "gamma", .rate_s = 16, .span_s = 3600, .cv = 1.4,
     .in = ROWS(r1_in), .out = ROWS(r1_out)},
    {.name = "servegen-m-large",
     .help = "mixed language requests to a large model at Alibaba",
     .source = "alibaba/ServeGen (Apache-2.0); measured, a third to a half of the requests have no lengths",
     .process = "gamma", .rate_s = 196, .span_s = 600, .cv = 1.5,
     .in = ROWS(qwen_large_in), .out = ROWS(qwen_large_out)},
    {.name = "sharegpt",
     .help = "ShareGPT as the vLLM paper cut it: means of 161 and 338 tokens; 1 request a second",
     .source = "vLLM, SOSP 2023 (recall): means only, shapes assumed; other cuts of ShareGPT differ five-fold",
     .process = "poisson", .rate_s = 1, .span_s = 3600, .cv = 1,
     .in = ROWS(sharegpt_in), .out = ROWS(sharegpt_out)},
    {.name = "copilot-agents",
     .help = "calls of coding agents: means of 67.8 k and 527 tokens, without their 86 % of cached prompt",
     .source = "GitHub Copilot agent dataset card, June 2026 (CC-BY 4.0): means of 9.31 M calls; shapes assumed",
     .process = "poisson", .rate_s = 15.4, .span_s = 600, .cv = 1,
     .in = ROWS(agent_in), .out = ROWS(agent_out)},
};
const size_t preset_count = sizeof presets / sizeof *presets;

const struct preset *preset_find(const char *name)
{
    for (size_t i = 0; i < preset_count; i++)
        if (strcmp(presets[i].name, name) == 0)
            return &presets[i];
    return NULL;
}

const char *traffic_preset(size_t i, const char **help, const char **source)
{
    if (i >= preset_count)
        return NULL;
    if (help)
        *help = presets[i].help;
    if (source)
        *source = presets[i].source;
    return presets[i].name;
}
