using System;

using Agglestone;
using Agglestone.Extensions;

using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds Agglestone clients to a container.</summary>
public static class AgglestoneServiceCollectionExtensions
{
    /// <summary>Adds an <see cref="AgglestoneClient"/>, configured by the environment and by what is done to the answer.</summary>
    /// <param name="services">The services.</param>
    /// <returns>The options, which are validated when the host starts.</returns>
    public static OptionsBuilder<AgglestoneClientOptions> AddAgglestone(this IServiceCollection services)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.TryAddSingleton<AgglestoneClient>(provider => Create(provider, Options.Options.DefaultName));
        return Add(services, Options.Options.DefaultName);
    }

    /// <summary>Adds an <see cref="AgglestoneClient"/>, configured by a section. New keys in it are taken over while the program runs.</summary>
    /// <param name="services">The services.</param>
    /// <param name="section">Usually <see cref="AgglestoneClientOptions.SectionName"/>.</param>
    /// <returns>The options, which are validated when the host starts.</returns>
    public static OptionsBuilder<AgglestoneClientOptions> AddAgglestone(this IServiceCollection services, IConfiguration section) =>
        services.AddAgglestone().Bind(section);

    /// <summary>Adds an <see cref="AgglestoneClient"/>, configured by code.</summary>
    /// <param name="services">The services.</param>
    /// <param name="configure">Sets the options.</param>
    /// <returns>The options, which are validated when the host starts.</returns>
    public static OptionsBuilder<AgglestoneClientOptions> AddAgglestone(
        this IServiceCollection services, Action<AgglestoneClientOptions> configure) => services.AddAgglestone().Configure(configure);

    /// <summary>
    /// Adds an <see cref="AgglestoneClient"/> for one of several tenants, injected by <c>[FromKeyedServices(name)]</c> and configured
    /// by a section of its own.
    /// </summary>
    /// <param name="services">The services.</param>
    /// <param name="name">The key of the service and the name of its options.</param>
    /// <param name="section">Its settings.</param>
    /// <returns>The options, which are validated when the host starts.</returns>
    public static OptionsBuilder<AgglestoneClientOptions> AddKeyedAgglestone(
        this IServiceCollection services, string name, IConfiguration section) => Keyed(services, name).Bind(section);

    /// <summary>The same, configured by code.</summary>
    /// <param name="services">The services.</param>
    /// <param name="name">The key of the service and the name of its options.</param>
    /// <param name="configure">Sets the options.</param>
    /// <returns>The options, which are validated when the host starts.</returns>
    public static OptionsBuilder<AgglestoneClientOptions> AddKeyedAgglestone(
        this IServiceCollection services, string name, Action<AgglestoneClientOptions> configure) => Keyed(services, name).Configure(configure);

    /// <summary>Adds a scoped <see cref="AgglestoneUserClient"/>, for calls made by whoever a scope is about.</summary>
    /// <param name="services">The services, with an <see cref="AgglestoneClient"/>.</param>
    /// <param name="userId">Whom a scope is about.</param>
    public static IServiceCollection AddAgglestoneUser(this IServiceCollection services, Func<IServiceProvider, string?> userId)
    {
        ArgumentNullException.ThrowIfNull(userId);
        services.TryAddScoped(provider => provider.GetRequiredService<AgglestoneClient>().AsUser(
            userId(provider) ?? throw new InvalidOperationException("nobody is signed in, so there is no AgglestoneUserClient")));
        return services;
    }

    private static OptionsBuilder<AgglestoneClientOptions> Keyed(IServiceCollection services, string name)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentException.ThrowIfNullOrEmpty(name);
        services.TryAddKeyedSingleton<AgglestoneClient>(name, (provider, _) => Create(provider, name));
        return Add(services, name);
    }

    private static OptionsBuilder<AgglestoneClientOptions> Add(IServiceCollection services, string name)
    {
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<AgglestoneClientOptions>, OptionsValidator>());
        return services.AddOptions<AgglestoneClientOptions>(name).ValidateOnStart();
    }

    private static ReloadingClient Create(IServiceProvider provider, string name) => new ReloadingClient(
        name,
        provider.GetRequiredService<IOptionsMonitor<AgglestoneClientOptions>>(),
        provider.GetService<ILoggerFactory>() ?? NullLoggerFactory.Instance);
}
